"""The console's table of contents: which address is answered by which file."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from intake_api.console import (
    account,
    audit,
    beside,
    call,
    city_check,
    claiming,
    dashboard,
    deciding,
    draft,
    editing,
    people,
    places,
    preferences,
    quality,
    queue,
    recogniser,
    recording,
    revealing,
    second_looks,
    sign_in,
    suggest,
    system,
    tickets,
    tokens,
    transcript,
    welcome,
)
from intake_api.console.page import problem_page
from intake_api.console.static_files import ConsoleStatic

router = APIRouter(include_in_schema=False)
get, post = router.get, router.post

get("/sign-in")(sign_in.show_sign_in)
post("/sign-in")(sign_in.sign_in)
post("/sign-out")(sign_in.sign_out)
get("/welcome")(welcome.show_welcome)
post("/welcome")(welcome.create_first_administrator)
post("/language")(preferences.choose_language)
post("/theme")(preferences.choose_theme)

get("/")(queue.show_queue)
get("/banner")(queue.show_banner)

get("/drafts/{draft_id}")(draft.show_draft)
get("/drafts/{draft_id}/fields")(draft.show_fields)
post("/drafts/{draft_id}/fields")(editing.save_fields)
get("/drafts/{draft_id}/transcript")(transcript.show_transcript)
post("/drafts/{draft_id}/utterances/{index}")(editing.correct_words)
post("/drafts/{draft_id}/claim")(claiming.claim)
post("/drafts/{draft_id}/lease")(claiming.renew)
post("/drafts/{draft_id}/release")(claiming.release)
post("/drafts/{draft_id}/confirm")(deciding.confirm)
post("/drafts/{draft_id}/merge")(deciding.merge)
post("/drafts/{draft_id}/hand-over")(claiming.hand_over)
post("/drafts/{draft_id}/discard")(deciding.discard)
post("/drafts/{draft_id}/reopen")(deciding.reopen)
get("/drafts/{draft_id}/beside")(beside.show_beside)
post("/drafts/{draft_id}/reveal")(revealing.reveal)
post("/drafts/{draft_id}/ask")(second_looks.ask)
get("/calls/{call_id}")(call.show_call)
get("/calls/{call_id}/sip.txt")(call.export_ladder)
get("/calls/{call_id}/peaks")(recording.show_peaks)
get("/places")(places.show_places)
get("/suggest/{list_name}")(suggest.suggest)

get("/tickets")(tickets.show_tickets)
get("/tickets/{ticket_id}")(tickets.show_ticket)
post("/tickets/{ticket_id}/resend")(tickets.resend)

get("/decisions")(second_looks.show_decisions)
post("/decisions/{decision_id}")(second_looks.decide)
get("/quality")(quality.show_quality)
post("/quality/draw")(quality.draw)
post("/quality/{review_id}")(quality.give_verdict)
get("/dashboard")(dashboard.show_dashboard)
get("/dashboard.{form}")(dashboard.export_dashboard)
get("/audit")(audit.show_audit)
get("/audit.csv")(audit.export_audit)

get("/account")(account.show_account)
post("/account/password")(account.change_password)
post("/account/sign-out-everywhere")(account.sign_out_everywhere)
get("/operators")(people.show_people)
post("/operators")(people.add_person)
post("/operators/{operator_id}")(people.change_person)
get("/tokens")(tokens.show_tokens)
post("/tokens")(tokens.create_token)
post("/tokens/{token_id}/revoke")(tokens.revoke_token)
get("/system")(system.show_system)
get("/system/recogniser")(recogniser.show_recogniser)
post("/system/recogniser/use")(recogniser.choose)
post("/system/recogniser/restart")(recogniser.restart)
post("/system/recogniser/load-test")(recogniser.test_load)
get("/system/trunks")(system.show_trunks)
get("/system/city")(city_check.show_city_check)
get("/system/keeping")(system.show_keeping)


def install(app: FastAPI) -> None:
    """Add the pages, their static files, and the page that tells of a problem."""
    app.include_router(router)
    app.mount("/static", ConsoleStatic(), name="static")
    app.state.problem_page = problem_page
