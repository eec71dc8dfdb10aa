"""Pure rules and values. No I/O, no clock read, no Discord object; see docs/architecture.md."""
