"""Sample pictures drawn with Pillow: plan a scene from words, paint it, letter it, change a given one."""
