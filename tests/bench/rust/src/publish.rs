//! What natsq's publisher is measured against.

use crate::Result;
use async_nats::jetstream::{context::PublishAckFuture, message::PublishMessage, ContextBuilder};
use std::collections::VecDeque;
use std::future::IntoFuture;
use tokio::io::{stdin, AsyncBufReadExt, BufReader};

type Flying = VecDeque<<PublishAckFuture as IntoFuture>::IntoFuture>;

/// Each line of stdin becomes a job with a message id, at most `window` are in flight, and each is
/// confirmed before the end.
pub async fn publish(url: &str, subject: &str, run: &str, window: usize) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let js = ContextBuilder::new().max_ack_inflight(window).build(client);
    let subject = async_nats::Subject::from(subject);
    let mut flying = Flying::with_capacity(window);
    let mut lines = BufReader::with_capacity(64 << 10, stdin()).lines();
    let mut number = 0u64;
    while let Some(line) = lines.next_line().await? {
        if flying.len() == window {
            flying.pop_front().unwrap().await?; // answers come in the order of the jobs
        }
        let job = PublishMessage::build()
            .payload(line.into())
            .message_id(format!("{run}-{number}"));
        flying.push_back(js.send_publish(subject.clone(), job).await?.into_future());
        number += 1;
    }
    for ack in flying {
        ack.await?;
    }
    Ok(())
}
