"""What may happen to calls, drafts, tickets and deliveries: one public function is one transaction and one audit row.

Verbs take a `Database`, who acts (`actor`, the name that the audit log records) and when (`at`, UTC); they return rows
that may be read after the transaction. They raise only what `intake.errors` names, and `DATABASE_AWAY`.
What a person may do at all is asked of the person's rights before a verb is called.
"""
