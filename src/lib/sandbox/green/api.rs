//! The HTTP face of Green API: `/waInstance{id}/{method}/{token}`, the order of its checks, and who answers what.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Multipart};
use axum::http::{HeaderMap, Method, Request, Response, header};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::errors::{self, Refusal};
use super::faults::{Answer, Fault};
use super::sending::Call;
use super::{Green, Instance};

/// The largest JSON body.
const JSON_MAX: usize = 100 << 10;
/// The largest file.
const FILE_MAX: usize = 100 << 20;

/// A method of the API and the verb it is called with.
struct Route {
    name: &'static str,
    verb: Method,
}

macro_rules! routes {
    ($($verb:ident: $($name:literal)*;)*) => { &[$($(Route { name: $name, verb: Method::$verb },)*)*] };
}

const ROUTES: &[Route] = routes! {
    GET: "getSettings" "getStateInstance" "getStatusInstance" "qr" "reboot" "logout" "getWaSettings"
        "getStateInstanceHistory" "updateApiToken" "getContacts" "getChats" "getDeviceInfo" "showMessagesQueue"
        "clearMessagesQueue" "getMessagesCount" "getWebhooksCount" "receiveNotification" "lastIncomingMessages"
        "lastOutgoingMessages" "lastIncomingCalls" "lastOutgoingCalls" "getIncomingStatuses" "getOutgoingStatuses"
        "getStatusStatistic";
    DELETE: "clearWebhooksQueue" "deleteNotification";
    POST: "setSettings" "sendMessage" "sendPoll" "sendInteractiveButtons" "sendInteractiveButtonsReply" "sendButtons"
        "sendTemplateButtons" "sendListMessage" "sendFileByUrl" "sendFileByUpload" "uploadFile" "sendLocation"
        "sendContact" "forwardMessages" "sendTyping" "editMessage" "deleteMessage" "readChat" "downloadFile"
        "getAuthorizationCode" "checkWhatsapp" "getAvatar" "getContactInfo" "setDisappearingChat" "addContact"
        "editContact" "deleteContact" "archiveChat" "unarchiveChat" "getChatHistory" "getMessage" "setProfilePicture"
        "createGroup" "updateGroupName" "getGroupData" "addGroupParticipant" "removeGroupParticipant" "setGroupAdmin"
        "removeAdmin" "setGroupPicture" "leaveGroup" "updateGroupSettings" "sendTextStatus" "sendVoiceStatus"
        "sendMediaStatus" "deleteStatus";
};

/// A call that has passed the door.
pub struct Incoming {
    /// The method's name.
    pub method: &'static str,
    /// What follows the token in the path.
    pub rest: String,
    /// The query string.
    pub query: String,
}

impl Incoming {
    /// A number in the query string.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')?.parse().ok())
    }
}

/// Answers one call to Green API.
pub async fn answer(green: &Arc<Green>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path();
    let path = path.strip_prefix("/v3").unwrap_or(path);
    let mut parts = path.trim_start_matches('/').splitn(4, '/');
    let (Some(instance), Some(method), Some(token)) = (parts.next(), parts.next(), parts.next()) else {
        return errors::respond(Refusal::NotFound, "");
    };
    let Some(id) = instance.strip_prefix("waInstance") else { return errors::respond(Refusal::NotFound, "") };
    let rest = parts.next().unwrap_or_default().to_owned();
    if request.method() == Method::OPTIONS {
        return errors::plain(204, "");
    }
    let instance = match admit(green, id, token) {
        Ok(instance) => instance,
        Err(refusal) => return errors::respond(refusal, method),
    };
    let Some(route) = route(method, request.method()) else { return errors::respond(Refusal::NotFound, method) };
    if green.rate_limits.load(Ordering::Relaxed) && !instance.peek().limits.admit(route.name, green.clock.now().at) {
        return errors::respond(Refusal::TooManyRequests, method);
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let incoming = Incoming { method: route.name, rest, query };
    disturbed(green, &instance, incoming, request).await
}

/// The instance, if it exists and the token is its own.
fn admit(green: &Arc<Green>, id: &str, token: &str) -> Result<Arc<Instance>, Refusal> {
    let id: u64 = (id.len() <= 12).then(|| id.parse().ok()).flatten().ok_or(Refusal::Forbidden)?;
    match green.find(id) {
        Some(instance) => {
            let mut state = instance.peek();
            // Declared without a token: the first one that comes is its own.
            if state.token.is_empty() && green.options.accept_any_instance {
                token.clone_into(&mut state.token);
            }
            let own = state.token == token && !token.is_empty();
            drop(state);
            if own { Ok(instance) } else { Err(Refusal::Unauthorized) }
        }
        None if green.options.accept_any_instance && !token.is_empty() => Ok(green.find_or_create(id, token)),
        None => Err(Refusal::Forbidden),
    }
}

/// Routes are matched as the vendor's web framework does: without regard to the case of the first letter.
fn route(name: &str, verb: &Method) -> Option<&'static Route> {
    ROUTES.iter().find(|route| {
        route.verb == *verb
            && route.name[1..] == *name.get(1..).unwrap_or_default()
            && route.name[..1].eq_ignore_ascii_case(&name[..1])
    })
}

/// Answers, unless a switch wants the call answered wrongly.
async fn disturbed(
    green: &Arc<Green>,
    instance: &Arc<Instance>,
    call: Incoming,
    request: Request<Body>,
) -> Response<Body> {
    let struck = {
        let mut state = instance.peek();
        if state.switches.is_empty() {
            None
        } else {
            state.switches.take(
                |name| name == call.method,
                |fault| match fault {
                    Fault::Call { accept, answer, seconds } => Some((*accept, *answer, *seconds)),
                    _ => None,
                },
            )
        }
    };
    let Some((accept, wrong, seconds)) = struck else { return handle(green, instance, call, request).await };
    let method = call.method;
    let seconds = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    // Taken in before the wait: a caller that gives up meanwhile has been accepted all the same.
    let right = if accept || wrong == Answer::Hang && seconds.is_zero() {
        Some(handle(green, instance, call, request).await)
    } else if wrong == Answer::Hang {
        green.clock.sleep(seconds).await;
        return handle(green, instance, call, request).await;
    } else {
        // The body is read as a server would, so that the caller sees the answer and not a broken pipe.
        let _ = to_bytes(request.into_body(), FILE_MAX).await;
        None
    };
    match (wrong.response(method, seconds), right) {
        (Some(response), _) => response,
        (None, Some(right)) => {
            green.clock.sleep(seconds).await;
            right
        }
        (None, None) => errors::empty(),
    }
}

async fn handle(
    green: &Arc<Green>,
    instance: &Arc<Instance>,
    call: Incoming,
    request: Request<Body>,
) -> Response<Body> {
    let method = call.method;
    match handled(green, instance, call, request).await {
        Ok(response) => response,
        Err(refusal) => errors::respond(refusal, method),
    }
}

async fn handled(
    green: &Arc<Green>,
    instance: &Arc<Instance>,
    call: Incoming,
    request: Request<Body>,
) -> Result<Response<Body>, Refusal> {
    match call.method {
        "receiveNotification" => return receive(green, instance, &call).await,
        "sendFileByUpload" => return upload_and_send(green, instance, request).await,
        "uploadFile" => return upload(green, request).await,
        // Pictures of profiles and groups are accepted and forgotten.
        "setProfilePicture" | "setGroupPicture" => {
            let _ = to_bytes(request.into_body(), FILE_MAX).await;
            return Ok(errors::plain_json(200, &super::service::picture(call.method)));
        }
        _ => {}
    }
    let reads_body = request.method() == Method::POST;
    let body = if reads_body { object(request).await? } else { Map::new() };
    let now = green.clock.now();
    match call.method {
        "sendMessage"
        | "sendPoll"
        | "sendInteractiveButtons"
        | "sendInteractiveButtonsReply"
        | "sendFileByUrl"
        | "sendLocation"
        | "sendContact" => {
            let call = Call { method: call.method, body, file_url: None, seq: green.next_seq() };
            let id = instance.change(now, |state| state.send(call, now))?;
            green.count_accepted();
            Ok(id_message(&id))
        }
        "sendButtons" | "sendTemplateButtons" | "sendListMessage" => Err(Refusal::Forbidden),
        "sendTyping" => {
            instance.change(now, |state| state.send_typing(body, now))?;
            Ok(errors::empty())
        }
        "forwardMessages" => {
            let call = Call { method: call.method, body, file_url: None, seq: 0 };
            let ids = instance.change(now, |state| state.forward(&call, || green.next_seq(), now))?;
            ids.iter().for_each(|_| green.count_accepted());
            Ok(errors::plain_json(200, &json!({"messages": ids})))
        }
        _ => {
            let found = instance.change(now, |state| state.account(&call, &body, now));
            if let Some(answered) = found {
                return answered;
            }
            instance.change(now, |state| state.service(&call, &body, now)).unwrap_or(Err(Refusal::NotFound))
        }
    }
}

fn id_message(id: &str) -> Response<Body> {
    // The hot path: the id is plain hexadecimal and needs no escaping.
    let mut response = Response::new(Body::from(format!("{{\"idMessage\":\"{id}\"}}")));
    let json = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// `receiveNotification`: waits up to `receiveTimeout` real seconds; `null` when nothing came, or while a webhook is set.
async fn receive(green: &Arc<Green>, instance: &Arc<Instance>, call: &Incoming) -> Result<Response<Body>, Refusal> {
    let seconds = match call.number("receiveTimeout") {
        None if call.query.contains("receiveTimeout=") => {
            return Err(super::validate::invalid("'receiveTimeout' must be a number"));
        }
        None => 5,
        Some(seconds @ 5..=60) => seconds.unsigned_abs(),
        Some(_) => return Err(super::validate::invalid("'receiveTimeout' must be between 5 and 60")),
    };
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let arrived = instance.arrived.notified();
        tokio::pin!(arrived);
        // Registered before the look, or an arrival between the two would be missed.
        arrived.as_mut().enable();
        if let Some(found) = polled(green, instance) {
            return Ok(found);
        }
        tokio::select! {
            () = arrived => {}
            () = tokio::time::sleep_until(deadline) => return Ok(errors::plain_json(200, &Value::Null)),
            () = green.stop().cancelled() => return Ok(errors::plain_json(200, &Value::Null)),
        }
    }
}

fn polled(green: &Arc<Green>, instance: &Instance) -> Option<Response<Body>> {
    let now = green.clock.now();
    let mut state = instance.peek();
    state.advance(now);
    if !state.active.webhook_url.is_empty() {
        return None;
    }
    let front = state.front(now)?;
    let body = std::str::from_utf8(&front.told.body).unwrap_or("{}");
    let mut response = Response::new(Body::from(format!("{{\"receiptId\":{},\"body\":{body}}}", front.receipt)));
    let json = header::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Some(response)
}

async fn object(request: Request<Body>) -> Result<Map<String, Value>, Refusal> {
    let bytes = to_bytes(request.into_body(), JSON_MAX).await.map_err(|_| Refusal::TooLarge)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Refusal::BadRequest),
        Err(_) if bytes.is_empty() => Err(Refusal::BadRequest),
        Err(error) => Err(unexpected_token(&bytes, &error)),
    }
}

/// The message of the vendor's JavaScript parser. A byte order mark is such a token, too.
fn unexpected_token(bytes: &[u8], error: &serde_json::Error) -> Refusal {
    if error.is_eof() {
        return Refusal::Unreadable("Unexpected end of JSON input".into());
    }
    let text = String::from_utf8_lossy(bytes);
    let line = text.split('\n').take(error.line().saturating_sub(1)).map(|line| line.len() + 1).sum::<usize>();
    let position = line + error.column().saturating_sub(1);
    let token = text.get(position..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}');
    Refusal::Unreadable(format!("Unexpected token {token} in JSON at position {position}"))
}

async fn upload_and_send(
    green: &Arc<Green>,
    instance: &Arc<Instance>,
    request: Request<Body>,
) -> Result<Response<Body>, Refusal> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Refusal::BadRequest)?;
    let (mut fields, mut file) = (Map::new(), None);
    while let Some(field) = form.next_field().await.map_err(|_| Refusal::BadRequest)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|_| Refusal::FileTooLarge)?;
        if name == "file" {
            file = Some((file_name.unwrap_or_default(), bytes));
        } else {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            fields.insert(name, text.into());
        }
    }
    let (file_name, bytes) = file.ok_or_else(|| super::validate::invalid("'file' is required"))?;
    fields.entry("fileName").or_insert_with(|| file_name.as_str().into());
    let url = green.files.store(&file_name, bytes);
    let now = green.clock.now();
    let call = Call { method: "sendFileByUpload", body: fields, file_url: Some(url.clone()), seq: green.next_seq() };
    let id = instance.change(now, |state| state.send(call, now))?;
    green.count_accepted();
    Ok(errors::plain_json(200, &json!({"idMessage": id, "urlFile": url})))
}

async fn upload(green: &Arc<Green>, request: Request<Body>) -> Result<Response<Body>, Refusal> {
    let (parts, body) = request.into_parts();
    let name = upload_name(&parts.headers)
        .ok_or_else(|| super::validate::invalid("'Content-Type' or 'GA-Filename' is required"))?;
    let bytes: Bytes = to_bytes(body, FILE_MAX).await.map_err(|_| Refusal::FileTooLarge)?;
    let url = green.files.store(&name, bytes);
    Ok(errors::plain_json(200, &json!({"urlFile": url})))
}

fn upload_name(headers: &HeaderMap) -> Option<String> {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    named("ga-filename").map(str::to_owned).or_else(|| {
        let mime = named("content-type")?;
        Some(format!("file.{}", mime.rsplit('/').next().unwrap_or("bin")))
    })
}
