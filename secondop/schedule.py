"""What Celery's clock starts, and every how many seconds: plain data, read by the settings."""

CELERY_BEAT_SCHEDULE = {
    # What waited longer than its interval is thrown away: the next one does its work.
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("send what waits in the outbox", "secondop.notices.tasks.sweep", 10),
        ("send texts that wait in the outbox", "secondop.notices.tasks.sweep_texts", 10),
        ("check uploads that wait", "records.tasks.sweep", 15),
        ("finish uploads, end those that are over", "records.tasks.sweep_uploads", 60),
        ("prepare scans for the viewer", "records.tasks.sweep_series", 15),
        ("make documents that wait", "secondop.documents.tasks.sweep", 15),
        ("make copies that wait, end those that are over", "secondop.exports.tasks.sweep", 15),
        ("seal the audit log", "secondop.audit.tasks.seal", 30),
        ("let offers lapse", "routing.tasks.lapse_offers", 60),
        ("tell leads what nobody took up", "routing.tasks.watch_unacknowledged", 300),
        ("let questions of specialists lapse", "opinions.tasks.lapse_asks", 900),
        ("close delivered cases", "delivery.tasks.close_due", 900),
        ("remind, and expire silent cases", "secondop.cases.tasks.expire_silent", 900),
        ("send summaries of the day", "secondop.inbox.tasks.send_digests", 300),
        ("erase cases whose week is over", "secondop.cases.tasks.erase_due", 300),
        ("close accounts whose week is over", "tracking.tasks.close_accounts", 300),
        ("tell of children who come of age", "secondop.cases.tasks.watch_majority", 900),
        ("chase records that others hold", "records.sourcing.tasks.watch", 900),
        ("say which cases are late", "secondop.cases.tasks.note_slips", 900),
        ("remind of unsent requests, and delete old ones", "intake.tasks.watch_drafts", 900),
        ("remind of family rights that end", "tracking.tasks.watch_family", 900),
        ("clear interrupted uploads", "secondop.vault.tasks.collect_abandoned", 3600),
        ("read stored files again", "secondop.vault.tasks.inspect", 3600),
        ("tell administrators of damaged files", "secondop.accounts.tasks.tell_of_damage", 900),
        ("forget sessions that ended", "secondop.accounts.tasks.forget_ended_sessions", 3600),
        ("forget counters that ran out", "secondop.web.tasks.forget_expired", 3600),
    )
}
