"""What makes images: the seam to providers (`base`) and Gemini, on the Gemini API or Vertex AI (`gemini`)."""
