"""Green API's own Python client against the sandbox, unchanged. Usage: green_api.py URL"""

import asyncio
import pathlib
import sys
import tempfile

import requests
from whatsapp_api_client_python.API import GreenAPI, GreenAPIError

from common import Control, run, until

URL = sys.argv[1]
CONTROL = Control(URL)
TOKEN = "d75b3a66374942c5b3c019c698abc2067e151558acbd412345"
GUEST = "79001234567@c.us"
_next = iter(range(1101000001, 1101999999))


def instance(**declared):
    """A client of an instance of its own, so that steps do not disturb each other."""
    number = next(_next)
    CONTROL("POST", "/instances", {"id": number, "token": TOKEN, **declared})
    return number, GreenAPI(str(number), TOKEN, host=URL, media=URL)


def good(response):
    assert response.code == 200, (response.code, response.error)
    return response.data


def notifications(api, count):
    """Fetches and deletes notifications until there are so many."""
    bodies = []
    while len(bodies) < count:
        received = good(api.receiving.receiveNotification(5))
        assert received, f"only {len(bodies)} of {count} notifications came: {bodies}"
        assert isinstance(received["receiptId"], int)
        assert good(api.receiving.deleteNotification(received["receiptId"])) == {"result": True}
        bodies.append(received["body"])
    return bodies


def a_text_is_sent_echoed_and_reported():
    number, api = instance()
    sent = good(api.sending.sendMessage(GUEST, "Здравствуйте!"))

    echo, *statuses = notifications(api, 4)

    assert echo["typeWebhook"] == "outgoingAPIMessageReceived"
    assert echo["instanceData"] == {"idInstance": number, "wid": echo["senderData"]["sender"], "typeInstance": "whatsapp"}
    assert echo["idMessage"] == sent["idMessage"]
    assert echo["senderData"]["chatId"] == GUEST
    assert echo["messageData"]["extendedTextMessageData"]["text"] == "Здравствуйте!"
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert all(status["idMessage"] == sent["idMessage"] and status["sendByApi"] for status in statuses)


def a_guests_message_stays_until_it_is_deleted():
    number, api = instance()
    CONTROL("POST", f"/instances/{number}/guest", {"phone": "+7 900 123-45-67", "name": "Anna", "text": "hello"})

    first = good(api.receiving.receiveNotification())
    again = good(api.receiving.receiveNotification())
    assert first["receiptId"] == again["receiptId"]
    body = first["body"]
    assert body["typeWebhook"] == "incomingMessageReceived"
    assert body["senderData"]["chatId"] == body["senderData"]["sender"] == GUEST
    assert body["senderData"]["senderName"] == "Anna"
    assert body["messageData"] == {"typeMessage": "textMessage", "textMessageData": {"textMessage": "hello"}}
    assert good(api.receiving.deleteNotification(first["receiptId"])) == {"result": True}

    CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "text": "second"})
    second = good(api.receiving.receiveNotification())
    assert second["receiptId"] > first["receiptId"]


def an_empty_queue_answers_null_after_the_long_poll():
    _, api = instance()
    assert api.receiving.receiveNotification(5).data is None
    assert api.receiving.receiveNotification(4).code == 400
    assert api.receiving.receiveNotification(61).code == 400


def the_receiving_loop_hands_notifications_over():
    number, api = instance()
    for text in ["one", "two", "three"]:
        CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "text": text})
    seen = []

    def handler(kind, body):
        seen.append((kind, body["messageData"]["textMessageData"]["textMessage"]))
        if len(seen) == 3:
            api.webhooks.stopReceivingNotifications()

    api.webhooks.startReceivingNotifications(handler)

    assert seen == [("incomingMessageReceived", text) for text in ["one", "two", "three"]]
    assert good(api.queues.getWebhooksCount()) == {"count": 0}


def the_asynchronous_loop_never_deletes():
    """The client puts the receipt into the body instead of the path: the same notification comes for ever."""
    number, api = instance()
    for text in ["one", "two"]:
        CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "text": text})
    seen = []

    def handler(_, body):
        seen.append(body["messageData"]["textMessageData"]["textMessage"])
        if len(seen) == 3:
            asyncio.get_running_loop().create_task(api.webhooks.stopReceivingNotificationsAsync())

    asyncio.run(api.webhooks.startReceivingNotificationsAsync(handler))

    assert set(seen) == {"one"}, seen
    assert good(api.queues.getWebhooksCount()) == {"count": 2}


def asynchronous_calls_work():
    _, api = instance()

    async def calls():
        sent = good(await api.sending.sendMessageAsync(GUEST, "async"))
        assert sent["idMessage"]
        assert good(await api.account.getStateInstanceAsync()) == {"stateInstance": "authorized"}
        assert isinstance(good(await api.account.getStateInstanceHistoryAsync(5)), list)
        assert good(await api.receiving.receiveNotificationAsync(5))["body"]["idMessage"] == sent["idMessage"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "menu.pdf")
            path.write_bytes(b"%PDF-1.4")
            uploaded = good(await api.sending.sendFileByUploadAsync(GUEST, str(path), caption="Menu"))
            assert uploaded["idMessage"] and uploaded["urlFile"]

    asyncio.run(calls())


def a_quote_comes_back_as_stanza_id():
    number, api = instance()
    asked = CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "text": "When is breakfast?"})
    notifications(api, 1)
    good(api.sending.sendMessage(GUEST, "At seven", quotedMessageId=asked["idMessage"]))

    echo = notifications(api, 1)[0]

    assert echo["messageData"]["typeMessage"] == "quotedMessage"
    assert echo["messageData"]["extendedTextMessageData"]["stanzaId"] == asked["idMessage"]
    assert echo["messageData"]["quotedMessage"]["stanzaId"] == asked["idMessage"]


def settings_are_flags_in_words_and_a_change_reboots():
    _, api = instance(fresh=True, restart_ms=50_000)
    settings = good(api.account.getSettings())
    assert settings["incomingWebhook"] == "no" and settings["delaySendMessagesMilliseconds"] == 500

    changed = {"incomingWebhook": "yes", "delaySendMessagesMilliseconds": 1000, "webhookUrl": ""}
    assert good(api.account.setSettings(changed)) == {"saveSettings": True}

    assert good(api.account.getStateInstance()) == {"stateInstance": "starting"}
    assert api.sending.sendMessage(GUEST, "too early").code == 400
    assert until(lambda: good(api.account.getStateInstance())["stateInstance"] == "authorized")
    settings = good(api.account.getSettings())
    assert settings["incomingWebhook"] == "yes" and settings["delaySendMessagesMilliseconds"] == 1000
    assert api.account.setSettings({}).code == 400
    assert api.account.setSettings({"delaySendMessagesMilliseconds": 100}).code == 400


def states_and_codes():
    number, api = instance()
    assert good(api.account.qr())["type"] == "alreadyLogged"
    assert good(api.account.getWaSettings())["stateInstance"] == "authorized"
    assert good(api.account.logout()) == {"isLogout": True}
    assert good(api.account.getStateInstance()) == {"stateInstance": "notAuthorized"}
    assert good(api.account.qr())["type"] == "qrCode"
    assert good(api.account.getAuthorizationCode(79001234567))["status"] is True
    assert good(api.account.getWaSettings())["deviceId"] == ""
    accepted = good(api.sending.sendMessage(GUEST, "kept for 24 hours"))
    assert good(api.queues.showMessagesQueue())[0]["messageID"] == accepted["idMessage"]
    assert api.serviceMethods.checkWhatsapp(79001234567).code == 400

    CONTROL("POST", f"/instances/{number}/state", {"state": "suspended"})
    assert "suspendedUntil" in good(api.account.getWaSettings())
    CONTROL("POST", f"/instances/{number}/state", {"state": "authorized"})
    assert until(lambda: good(api.queues.getMessagesCount()) == {"count": 0})
    assert good(api.account.reboot()) == {"isReboot": True}


def the_token_can_be_renewed_once_and_the_old_one_dies():
    number, api = instance()
    renewed = good(api.account.updateApiToken())["apiTokenInstance"]
    assert api.account.getStateInstance().code == 401
    assert good(GreenAPI(str(number), renewed, host=URL).account.getStateInstance())["stateInstance"] == "authorized"


def the_queue_shows_what_waits():
    number, api = instance()
    CONTROL("POST", f"/instances/{number}/switches", {"fault": "stuck_queue"})
    ids = [good(api.sending.sendMessage(GUEST, text))["idMessage"] for text in ["one", "two"]]

    shown = good(api.queues.showMessagesQueue())
    assert [(entry["messageID"], entry["type"], entry["body"]["message"]) for entry in shown] == [
        (ids[0], "sendMessage", "one"),
        (ids[1], "sendMessage", "two"),
    ]
    assert good(api.queues.getMessagesCount()) == {"count": 2}
    assert good(api.queues.clearMessagesQueue()) == {"isCleared": True}
    assert good(api.queues.showMessagesQueue()) == []
    assert good(api.queues.clearWebhooksQueue()) == {"isCleared": True, "reason": ""}
    again = good(api.queues.clearWebhooksQueue())
    assert again["isCleared"] is False and again["reason"] == "Too many requests" and 0 < again["leftTime"] <= 60


def journals_show_both_ways():
    number, api = instance(journal_lag_ms=0)
    asked = CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "name": "Anna", "text": "Pool?"})
    sent = good(api.sending.sendMessage(GUEST, "Yes"))

    history = until(lambda: [m for m in [good(api.journals.getChatHistory(GUEST, 10))] if len(m) == 2])[0]
    assert [message["type"] for message in history] == ["outgoing", "incoming"], "newest first"
    assert history[1]["textMessage"] == "Pool?" and history[1]["senderName"] == "Anna"
    assert [m["idMessage"] for m in good(api.journals.lastIncomingMessages(60))] == [asked["idMessage"]]
    last = good(api.journals.lastOutgoingMessages(60))
    assert [m["idMessage"] for m in last] == [sent["idMessage"]] and last[0]["sendByApi"] is True
    one = good(api.journals.getMessage(GUEST, sent["idMessage"]))
    assert one["extendedTextMessage"]["text"] == "Yes"
    assert api.journals.getMessage(GUEST, "unknown").code == 400
    assert good(api.journals.lastIncomingCalls()) == []


def a_number_is_checked():
    _, api = instance(without_account=["79009999999@c.us"])
    assert good(api.serviceMethods.checkWhatsapp(79001234567)) == {"existsWhatsapp": True, "chatId": GUEST}
    assert good(api.serviceMethods.checkWhatsapp(79009999999)) == {"existsWhatsapp": False}
    assert good(api.serviceMethods.checkWhatsapp(chatId=GUEST))["existsWhatsapp"] is True
    short = api.serviceMethods.checkWhatsapp(123)
    assert short.code == 400 and "valid from 11 to 16 digits" in short.error

    good(api.sending.sendMessage("79009999999@c.us", "nobody"))
    assert [body["status"] for body in notifications(api, 1)] == ["noAccount"]


def files_are_sent_in_three_ways():
    _, api = instance()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "map.png")
        path.write_bytes(b"\x89PNG not really")
        uploaded = good(api.sending.sendFileByUpload(GUEST, str(path), "map.png", "The way"))
        assert uploaded["idMessage"]
        assert requests.get(uploaded["urlFile"], timeout=10).content == b"\x89PNG not really"
        stored = good(api.sending.uploadFile(str(path)))
        assert stored["urlFile"].startswith("http")
    by_url = good(api.sending.sendFileByUrl(GUEST, stored["urlFile"], "map.png", "Again"))

    files = [body for body in notifications(api, 6) if body["typeWebhook"] == "outgoingAPIMessageReceived"]
    assert {body["messageData"]["typeMessage"] for body in files} == {"imageMessage"}
    downloaded = good(api.receiving.downloadFile(GUEST, by_url["idMessage"]))
    assert downloaded["downloadUrl"] == stored["urlFile"]
    assert api.sending.sendFileByUrl(GUEST, "http://h/a b", "a.png").code == 400
    assert api.sending.sendFileByUrl(GUEST, "http://h/a", "noextension").code == 400


def a_voice_message_can_be_downloaded():
    number, api = instance()
    voice = CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "kind": "voice"})
    data = notifications(api, 1)[0]["messageData"]
    assert data["typeMessage"] == "audioMessage"
    link = good(api.receiving.downloadFile(GUEST, voice["idMessage"]))["downloadUrl"]
    assert link == data["fileMessageData"]["downloadUrl"]
    assert requests.get(link, timeout=10).content.startswith(b"OggS")


def polls_are_voted_on():
    number, api = instance(never_read=True)
    options = [{"optionName": "Yes"}, {"optionName": "No"}]
    poll = good(api.sending.sendPoll(GUEST, "Late check-out?", options, False))
    CONTROL("POST", f"/instances/{number}/guest",
            {"phone": "79001234567", "kind": "vote", "about": poll["idMessage"], "choices": ["Yes"]})

    bodies = notifications(api, 4)

    echo = bodies[0]["messageData"]
    assert echo["typeMessage"] == "pollMessage" and echo["pollMessageData"]["options"] == options
    vote = next(b["messageData"] for b in bodies if b["typeWebhook"] == "incomingMessageReceived")
    assert vote["typeMessage"] == "pollUpdateMessage"
    assert vote["pollMessageData"]["stanzaId"] == poll["idMessage"]
    assert vote["pollMessageData"]["votes"] == [
        {"optionName": "Yes", "optionVoters": [GUEST]},
        {"optionName": "No", "optionVoters": []},
    ]
    assert api.sending.sendPoll(GUEST, "One?", [{"optionName": "x"}]).code == 400
    assert api.sending.sendPoll(GUEST, "Same?", [{"optionName": "x"}, {"optionName": "x"}]).code == 400
    assert api.sending.sendPoll(GUEST, "ы" * 256, options).code == 400


def buttons_are_tapped():
    number, api = instance(never_read=True)
    sent = good(api.sending.sendInteractiveButtonsReply(
        GUEST, "Breakfast in the room?", [{"buttonId": "y", "buttonText": "Yes"}, {"buttonId": "n", "buttonText": "No"}]))
    CONTROL("POST", f"/instances/{number}/guest",
            {"phone": "79001234567", "kind": "tap", "about": sent["idMessage"], "choices": ["n"]})

    tap = next(b["messageData"] for b in notifications(api, 4) if b["typeWebhook"] == "incomingMessageReceived")

    assert tap["typeMessage"] == "templateButtonsReplyMessage"
    assert tap["templateButtonReplyMessage"] == {
        "stanzaId": sent["idMessage"], "selectedIndex": 1, "selectedId": "n", "selectedDisplayText": "No"}
    good(api.sending.sendInteractiveButtons(
        GUEST, "Call us", [{"type": "call", "buttonId": "c", "buttonText": "Call", "phoneNumber": "79000000000"}]))
    for dead in (
        api.sending.sendButtons(GUEST, "x", [{"buttonId": 1, "buttonText": "x"}]),
        api.sending.sendTemplateButtons(GUEST, "x", []),
        api.sending.sendListMessage(GUEST, "x", "x", []),
    ):
        assert dead.code == 403


def other_messages_are_sent():
    _, api = instance()
    good(api.sending.sendLocation(GUEST, 7.88, 98.39, "Beach", "Patong"))
    good(api.sending.sendContact(GUEST, {"phoneContact": 79001112233, "firstName": "Front", "lastName": "desk"}))
    first = good(api.sending.sendMessage(GUEST, "forward me"))
    forwarded = good(api.sending.forwardMessages("79005556677@c.us", GUEST, [first["idMessage"]]))
    assert len(forwarded["messages"]) == 1
    typing = api.serviceMethods.sendTyping(GUEST, 1000)
    assert typing.code == 200
    assert api.serviceMethods.sendTyping(GUEST, 500).code == 400


def messages_are_edited_deleted_and_read():
    number, api = instance(journal_lag_ms=0)
    sent = good(api.sending.sendMessage(GUEST, "At sevn"))
    edited = good(api.serviceMethods.editMessage(GUEST, sent["idMessage"], "At seven"))
    assert edited["idMessage"] != sent["idMessage"]
    assert good(api.journals.getMessage(GUEST, sent["idMessage"]))["textMessage"] == "At seven"
    assert api.serviceMethods.deleteMessage(GUEST, sent["idMessage"]).code == 200
    assert good(api.journals.getMessage(GUEST, sent["idMessage"]))["isDeleted"] is True
    assert good(api.marking.readChat(GUEST)) == {"setRead": True}
    assert CONTROL("GET", f"/sent?instance={number}")[0]["edited"] is True


def people_and_groups():
    number, api = instance()
    CONTROL("POST", f"/instances/{number}/guest", {"phone": "79001234567", "name": "Anna", "text": "hello"})
    assert {"id": GUEST, "name": "Anna", "contactName": "", "type": "user"} in good(api.serviceMethods.getContacts())
    assert good(api.serviceMethods.getContactInfo(GUEST))["name"] == "Anna"
    assert good(api.serviceMethods.getAvatar(GUEST))["available"] is False
    assert good(api.serviceMethods.getChats())[0]["id"] == GUEST
    assert good(api.serviceMethods.setDisappearingChat(GUEST, 86400))["ephemeralExpiration"] == 86400
    assert api.serviceMethods.archiveChat(GUEST).code == 200
    group = good(api.groups.createGroup("Wedding", [GUEST]))
    assert group["created"] and group["chatId"].endswith("@g.us")
    assert good(api.groups.getGroupData(group["chatId"]))["subject"] == "Wedding"
    assert good(api.contacts.addContact(GUEST, "Anna"))["addContact"] is True
    good(api.sending.sendMessage(group["chatId"], "to the group"))


def what_is_wrong_is_refused_in_the_vendors_words():
    number, api = instance()
    long = api.sending.sendMessage(GUEST, "x" * 20_001)
    assert long.code == 400
    assert "'message' length must be less than or equal to 20000 characters long" in long.error
    # The client escapes other letters than Latin ones: of this text six bytes each, together under the cap of 100 kB.
    assert good(api.sending.sendMessage(GUEST, "ы" * 16_000))["idMessage"]
    assert api.sending.sendMessage("79001234567@с.us", "a Cyrillic letter").code == 400
    assert api.sending.sendMessage(GUEST, "x", typingTime=100).code == 400
    broken = requests.post(f"{URL}/waInstance{number}/sendMessage/{TOKEN}", data=b'{"chatId": x}', timeout=10)
    assert broken.status_code == 400 and "Unexpected token x in JSON at position 11" in broken.text
    bom = requests.post(f"{URL}/waInstance{number}/sendMessage/{TOKEN}", data=b'\xef\xbb\xbf{}', timeout=10)
    assert bom.status_code == 400
    large = requests.post(f"{URL}/waInstance{number}/sendMessage/{TOKEN}", data=b" " * 200_000, timeout=10)
    assert large.status_code == 500 and "request entity too large" in large.text
    assert requests.get(f"{URL}/waInstance{number}/sendMessage/{TOKEN}", timeout=10).status_code == 404
    assert requests.options(f"{URL}/waInstance{number}/getSettings/{TOKEN}", timeout=10).status_code == 204
    assert requests.get(f"{URL}/v3/waInstance{number}/getSettings/{TOKEN}", timeout=10).status_code == 200
    assert GreenAPI(str(number), "wrong", host=URL).account.getSettings().code == 401
    assert GreenAPI("not-a-number", TOKEN, host=URL).account.getSettings().code == 403


def errors_are_raised_when_asked_for():
    number, _ = instance()
    api = GreenAPI(str(number), "wrong", host=URL, raise_errors=True)
    try:
        api.account.getSettings()
    except GreenAPIError as error:
        assert "401" in str(error)
    else:
        raise AssertionError("no error was raised")


def faults_are_seen_as_the_client_sees_them():
    number, api = instance()
    for answer, code in [("bad_gateway", 502), ("client_closed", 499), ("quota", 466), ("starting", 400), ("forbidden", 403)]:
        CONTROL("POST", f"/instances/{number}/switches", {"fault": "call", "answer": answer, "times": 1})
        assert api.sending.sendMessage(GUEST, "x").code == code, answer
    CONTROL("POST", f"/instances/{number}/switches", {"fault": "call", "answer": "drop", "accept": True, "times": 1})
    assert good(api.sending.sendMessage(GUEST, "the client repeats a broken call"))["idMessage"]
    CONTROL("POST", f"/instances/{number}/switches", {"fault": "call", "answer": "html", "accept": True, "times": 1})
    assert api.sending.sendMessage(GUEST, "accepted as well").data == "[]"
    texts = [sent["text"] for sent in CONTROL("GET", f"/sent?instance={number}")]
    assert texts == ["the client repeats a broken call"] * 2 + ["accepted as well"], "the emulator took both in"


def limits_hold_and_the_client_waits_by_itself():
    number, api = instance()
    settings = f"{URL}/waInstance{number}/getSettings/{TOKEN}"
    CONTROL("POST", "/options", {"rate_limits": True})
    try:
        codes = {requests.get(settings, timeout=10).status_code for _ in range(20)}
        assert codes == {200, 429}, codes
        assert good(api.account.getSettings())["wid"]
    finally:
        CONTROL("POST", "/options", {"rate_limits": False})


run([
    a_text_is_sent_echoed_and_reported,
    a_guests_message_stays_until_it_is_deleted,
    an_empty_queue_answers_null_after_the_long_poll,
    the_receiving_loop_hands_notifications_over,
    the_asynchronous_loop_never_deletes,
    asynchronous_calls_work,
    a_quote_comes_back_as_stanza_id,
    settings_are_flags_in_words_and_a_change_reboots,
    states_and_codes,
    the_token_can_be_renewed_once_and_the_old_one_dies,
    the_queue_shows_what_waits,
    journals_show_both_ways,
    a_number_is_checked,
    files_are_sent_in_three_ways,
    a_voice_message_can_be_downloaded,
    polls_are_voted_on,
    buttons_are_tapped,
    other_messages_are_sent,
    messages_are_edited_deleted_and_read,
    people_and_groups,
    what_is_wrong_is_refused_in_the_vendors_words,
    errors_are_raised_when_asked_for,
    faults_are_seen_as_the_client_sees_them,
    limits_hold_and_the_client_waits_by_itself,
])
