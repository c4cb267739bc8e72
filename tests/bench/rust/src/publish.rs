//! The program that publisher is measured against.

use crate::Result;
use async_nats::jetstream::{context::PublishAckFuture, message::PublishMessage, ContextBuilder};
use std::collections::VecDeque;
use std::future::IntoFuture;
use tokio::io::{stdin, AsyncBufReadExt, BufReader};

type InFlight = VecDeque<<PublishAckFuture as IntoFuture>::IntoFuture>;

/// Publishes each line of stdin as a job with a message id, with at most `window` in flight, and
/// waits until all are confirmed.
pub async fn publish(url: &str, subject: &str, run: &str, window: usize) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let js = ContextBuilder::new().max_ack_inflight(window).build(client);
    let subject = async_nats::Subject::from(subject);
    let mut in_flight = InFlight::with_capacity(window);
    let mut lines = BufReader::with_capacity(64 << 10, stdin()).lines();
    let mut number = 0u64;
    while let Some(line) = lines.next_line().await? {
        if in_flight.len() == window {
            in_flight.pop_front().unwrap().await?; // PubAcks arrive in the order of the jobs
        }
        let job = PublishMessage::build()
            .payload(line.into())
            .message_id(format!("{run}-{number}"));
        in_flight.push_back(js.send_publish(subject.clone(), job).await?.into_future());
        number += 1;
    }
    for ack in in_flight {
        ack.await?;
    }
    Ok(())
}
