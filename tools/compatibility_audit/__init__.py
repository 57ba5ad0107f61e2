"""The audit of compatibility: every edit of the object model, claimed by a rule or waived with a reason, and cross-checked."""
