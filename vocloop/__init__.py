"""vocloop: a voice-of-customer feedback loop."""
