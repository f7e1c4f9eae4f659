//! sendFileByUrl, and uploadFile before it for a file of the hotel's. Uploading by itself shows a guest nothing, so its
//! end is never uncertain: what cannot be uploaded was surely not sent. That is why sendFileByUpload, which does both at
//! once, is not used.

use super::call::{self, Answer, Caller, exchange};
use super::classify::classify;
use super::fields::at;
use super::send::{post, send_error};
use crate::domain::attachment::{Attachment, LARGEST_FILE, kind_of};
use crate::domain::ids::ProviderMessageId;
use crate::domain::outbox::{Outgoing, Refusal, SendError};
use crate::ports::Line;
use reqwest::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileByUrl<'a> {
    chat_id: &'a str,
    url_file: &'a str,
    file_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quoted_message_id: Option<&'a str>,
}

/// Hands one file to the vendor, once, with the words beside it where they belong there.
pub(super) async fn send_file(
    caller: &Caller,
    line: &Line,
    (outgoing, file): (&Outgoing, &Attachment),
) -> Result<ProviderMessageId, SendError> {
    let url = if file.is_address() { file.source.clone() } else { upload(caller, line, file).await? };
    let message = FileByUrl {
        chat_id: outgoing.to.as_str(),
        url_file: &url,
        file_name: file.name(),
        caption: file.captioned.then_some(outgoing.text.as_str()),
        quoted_message_id: outgoing.quotes.as_ref().map(ProviderMessageId::as_str),
    };
    post(caller, line, "sendFileByUrl", &message).await?.1
}

/// Puts a file of the hotel's where the vendor fetches it; the link lives 15 days ("UploadFile").
async fn upload(caller: &Caller, line: &Line, file: &Attachment) -> Result<String, SendError> {
    let folder = line.folder.clone().ok_or_else(|| never("the hotel has no folder"))?;
    let kind = kind_of(&file.source).ok_or_else(|| never("a file of an unknown kind"))?;
    let source = file.source.clone();
    let read = tokio::task::spawn_blocking(move || read_within(&folder, &source));
    let bytes = read.await.map_err(|_| later("the file could not be read".to_owned()))?.map_err(never)?;
    let media = Line { api_url: media_url(&line.api_url), ..line.clone() };
    let url = call::url(&media, "uploadFile", "").map_err(send_error)?;
    let mut request = caller.client.post(url).header(CONTENT_TYPE, kind.mime).body(bytes);
    if file.name().bytes().all(|byte| byte.is_ascii_graphic()) {
        request = request.header("GA-Filename", file.name());
    }
    let answer = exchange(request, caller.deadline, call::LONGEST_ANSWER).await;
    let Answer { status, retry_after, body, .. } = answer.map_err(send_error).map_err(nothing_left)?;
    let link = || {
        let answer: Value = serde_json::from_slice(&body).ok()?;
        at(&answer, &["urlFile"]).as_str().map(str::to_owned)
    };
    match (status, link()) {
        (200, Some(link)) => Ok(link),
        (200, None) => Err(later("the file was uploaded, and its address is not told".to_owned())),
        _ => match classify(status, retry_after, &body) {
            Ok(_) => Err(later(format!("the file could not be uploaded: HTTP {status}"))),
            Err(error) => Err(nothing_left(error)),
        },
    }
}

/// Of an upload nothing is uncertain: no guest sees it.
fn nothing_left(error: SendError) -> SendError {
    match error {
        SendError::Unknown(why) => later(format!("the file could not be uploaded: {why}")),
        error => error,
    }
}

/// The file's bytes, if no part of its path leads elsewhere.
fn read_within(folder: &Path, source: &str) -> Result<Vec<u8>, &'static str> {
    const GONE: &str = "the file is not in the hotel's folder";
    let mut path = folder.to_owned();
    for part in source.split('/') {
        if part.is_empty() || part.starts_with('.') {
            return Err(GONE);
        }
        path.push(part);
        let entry = std::fs::symlink_metadata(&path).map_err(|_| GONE)?;
        if entry.file_type().is_symlink() {
            return Err("the file is a link to another place");
        }
    }
    let file = std::fs::File::open(&path).map_err(|_| GONE)?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(GONE);
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|_| GONE)?;
    if bytes.is_empty() {
        return Err("the file is empty");
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_FILE) {
        return Err("the file is larger than 16 MiB");
    }
    Ok(bytes)
}

/// The vendor wants files at another host, named like the one for everything else: `https://7105.api.greenapi.com` has
/// `https://7105.media.greenapi.com` beside it. A host of another shape takes both.
fn media_url(api_url: &str) -> String {
    let Some((scheme, host)) = api_url.split_once("://") else { return api_url.to_owned() };
    let mut labels: Vec<&str> = host.split('.').collect();
    if let Some(label) = labels.iter_mut().find(|label| **label == "api") {
        *label = "media";
    }
    format!("{scheme}://{}", labels.join("."))
}

fn never(why: impl Into<String>) -> SendError {
    SendError::Never(Refusal(why.into()))
}

fn later(why: String) -> SendError {
    SendError::Later { after: None, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_to_the_host_beside_the_usual_one() {
        for (api, media) in [
            ("https://api.green-api.com", "https://media.green-api.com"),
            ("https://7105.api.greenapi.com", "https://7105.media.greenapi.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(media_url(api), media);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_what_lies_in_the_hotels_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let hotel = folder.path().join("astoria");
        std::fs::create_dir_all(hotel.join("maps")).unwrap();
        std::fs::write(hotel.join("maps/way.png"), b"PNG").unwrap();
        std::fs::write(hotel.join("empty.png"), b"").unwrap();
        std::fs::write(folder.path().join("secret.txt"), b"secret").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret.txt"), hotel.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(folder.path(), hotel.join("up")).unwrap();

        assert_eq!(read_within(&hotel, "maps/way.png").unwrap(), b"PNG");
        for wrong in ["../secret.txt", "link.txt", "up/secret.txt", "maps", "no.png", "", "empty.png", "/etc/passwd"] {
            assert!(read_within(&hotel, wrong).is_err(), "{wrong}");
        }
    }
}
