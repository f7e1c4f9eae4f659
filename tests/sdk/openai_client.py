"""OpenAI's Python client against the emulated DeepSeek, unchanged. Usage: openai_client.py URL"""

import json
import sys

import openai
from openai import OpenAI

from common import Control, run

URL = sys.argv[1]
CONTROL = Control(URL)
CLIENT = OpenAI(api_key="sk-sandbox", base_url=URL, max_retries=0, timeout=20)
NO_THINKING = {"thinking": {"type": "disabled"}}
SYSTEM = """You answer hotel guests. Answer with one json object.
- breakfast.hours [en]: 07:00–10:30 in the garden restaurant
- breakfast.hours [ru]: 07:00–10:30 в ресторане в саду
- pool: yes"""


def hotel(text, language="en"):
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": f"Answer in: {language}\n<<guest a1>>\n{text}\n<</guest a1>>"},
    ]


def ask(messages, **more):
    more.setdefault("extra_body", NO_THINKING)
    more.setdefault("max_tokens", 600)
    return CLIENT.chat.completions.create(model=more.pop("model", "deepseek-flash"), messages=messages, **more)


def fault(**switch):
    CONTROL("POST", "/deepseek/switches", {"times": 1, **switch})


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def json_mode_answers_from_the_facts():
    completion = ask(hotel("When is breakfast?"), response_format={"type": "json_object"})

    choice = completion.choices[0]
    answer = json.loads(choice.message.content)
    assert choice.finish_reason == "stop"
    assert answer["reply"] == "07:00–10:30 in the garden restaurant."
    assert answer["used_fact_ids"] == ["breakfast.hours"]
    assert set(answer) == {"reply", "language", "sentiment", "requires_attention", "attention_reason", "topics",
                           "confidence", "used_fact_ids", "handoff"}


def usage_tells_hits_from_misses():
    first = ask(hotel("Is there a pool?"), user="x", extra_body={**NO_THINKING, "user_id": "usage"}).usage
    again = ask(hotel("Is there a pool?"), user="x", extra_body={**NO_THINKING, "user_id": "usage"}).usage

    assert first.prompt_tokens == first.prompt_cache_miss_tokens > 0
    assert again.prompt_cache_hit_tokens == again.prompt_tokens == again.prompt_tokens_details.cached_tokens
    assert again.total_tokens == again.prompt_tokens + again.completion_tokens


def thinking_is_on_unless_switched_off():
    thought = ask(hotel("Is there a pool?"), extra_body={})
    assert thought.choices[0].message.reasoning_content
    assert thought.usage.completion_tokens_details.reasoning_tokens > 0
    eaten = ask(hotel("Is there a pool?"), extra_body={}, max_tokens=50).choices[0]
    assert eaten.message.content == "" and eaten.finish_reason == "length"
    assert not hasattr(ask(hotel("Is there a pool?")).choices[0].message, "reasoning_content")


def a_stream_gives_the_same_text_and_the_usage():
    whole = ask(hotel("Во сколько завтрак?", "ru"), response_format={"type": "json_object"})
    stream = ask(hotel("Во сколько завтрак?", "ru"), response_format={"type": "json_object"}, stream=True,
                 stream_options={"include_usage": True})

    text, reasons, usage = "", [], None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reasons.append(choice.finish_reason)
    assert text == whole.choices[0].message.content
    assert reasons[-1] == "stop" and usage.completion_tokens == whole.usage.completion_tokens


def models_and_balance():
    assert [model.id for model in CLIENT.models.list()] == ["deepseek-flash", "deepseek-v4-pro"]
    balance = CLIENT.get("/user/balance", cast_to=object)
    assert balance["is_available"] is True and balance["balance_infos"][0]["total_balance"] == "10.00"
    slash_v1 = OpenAI(api_key="sk-sandbox", base_url=f"{URL}/v1")
    assert len(slash_v1.models.list().data) == 2


def bad_requests_are_refused():
    retired = raises(openai.BadRequestError, lambda: ask(hotel("x"), model="deepseek-chat"))
    assert "but you passed deepseek-chat" in str(retired)
    assert retired.response.headers["x-ds-trace-id"]
    no_word = raises(openai.BadRequestError, lambda: ask([{"role": "user", "content": "hello"}],
                                                         response_format={"type": "json_object"}))
    assert "must contain the word 'json'" in str(no_word)
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    assert "unavailable now" in str(raises(openai.BadRequestError, lambda: ask(hotel("x"), response_format=schema)))
    parts = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
    assert "expected a string" in str(raises(openai.BadRequestError, lambda: ask(parts)))


def every_status_raises_its_own_class():
    for status, kind in [(401, openai.AuthenticationError), (402, openai.APIStatusError),
                         (422, openai.UnprocessableEntityError), (429, openai.RateLimitError),
                         (500, openai.InternalServerError), (503, openai.InternalServerError)]:
        fault(fault="status", status=status)
        error = raises(kind, lambda: ask(hotel("x")))
        assert error.status_code == status
    CONTROL("POST", "/deepseek", {"balance_usd": 0})
    assert raises(openai.APIStatusError, lambda: ask(hotel("x"))).status_code == 402
    CONTROL("POST", "/deepseek", {"balance_usd": 10})
    CONTROL("POST", "/deepseek", {"keys": ["sk-right"]})
    raises(openai.AuthenticationError, lambda: ask(hotel("x")))
    CONTROL("POST", "/deepseek", {"keys": []})


def the_client_retries_after_the_time_it_is_told():
    fault(fault="status", status=429, retry_after=1)
    patient = CLIENT.with_options(max_retries=1)
    completion = patient.chat.completions.create(model="deepseek-flash", messages=hotel("Is there a pool?"),
                                                 extra_body=NO_THINKING)
    assert completion.choices[0].finish_reason == "stop"


def contents_can_be_spoilt():
    def content(shape):
        fault(fault="content", shape=shape)
        return ask(hotel("When is breakfast?"), response_format={"type": "json_object"}).choices[0]

    blank = content("blank")
    assert blank.message.content.strip() == "" and blank.finish_reason == "stop"
    assert content("truncated").finish_reason == "length"
    assert content("fenced").message.content.startswith("```json")
    assert json.loads(content("wrong_confidence").message.content)["confidence"] == 7
    assert "早餐" in json.loads(content("chinese").message.content)["reply"]
    assert content("null").message.content is None
    fault(fault="script", content="exactly this", only=["breakfast"])
    assert ask(hotel("When is breakfast?")).choices[0].message.content == "exactly this"
    for reason in ["content_filter", "insufficient_system_resource", "something_new"]:
        fault(fault="finish_reason", reason=reason)
        assert ask(hotel("x")).choices[0].finish_reason == reason


def connections_break_and_blank_lines_are_skipped():
    fault(fault="cut")
    raises(openai.APIConnectionError, lambda: ask(hotel("x")))
    fault(fault="cut", halfway=True)
    raises(Exception, lambda: ask(hotel("x")))
    fault(fault="blank_lines", seconds=1.5)
    assert ask(hotel("Is there a pool?")).choices[0].finish_reason == "stop"
    fault(fault="slow", seconds=3)
    raises(openai.APITimeoutError, lambda: ask(hotel("x"), timeout=0.5))


def requests_are_on_record():
    ask(hotel("a question to remember"))
    assert "a question to remember" in json.dumps(CONTROL("GET", "/deepseek/requests")[-1])


run([
    json_mode_answers_from_the_facts,
    usage_tells_hits_from_misses,
    thinking_is_on_unless_switched_off,
    a_stream_gives_the_same_text_and_the_usage,
    models_and_balance,
    bad_requests_are_refused,
    every_status_raises_its_own_class,
    the_client_retries_after_the_time_it_is_told,
    contents_can_be_spoilt,
    connections_break_and_blank_lines_are_skipped,
    requests_are_on_record,
])
