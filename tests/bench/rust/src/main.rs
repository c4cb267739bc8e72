//! Programs on async-nats that natsq is measured against: its pull loop and its publishing.

mod publish;

use async_nats::jetstream::{self, consumer::PullConsumer};
use futures_util::StreamExt;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Receives and acknowledges `count` jobs, requesting at most `batch` at a time.
async fn consume(url: &str, stream: &str, durable: &str, count: usize, batch: usize) -> Result<()> {
    let client = async_nats::connect(url).await?;
    let js = jetstream::new(client.clone());
    let consumer: PullConsumer = js.get_consumer_from_stream(durable, stream).await?;
    let mut jobs = consumer
        .stream()
        .max_messages_per_batch(batch)
        .messages()
        .await?
        .take(count);
    while let Some(job) = jobs.next().await {
        job?.ack().await?;
    }
    client.flush().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["consume", url, stream, durable, count, batch] => {
            consume(url, stream, durable, count.parse()?, batch.parse()?).await
        }
        ["publish", url, subject, run, window] => {
            publish::publish(url, subject, run, window.parse()?).await
        }
        _ => Err("usage: bench-rust consume URL STREAM DURABLE COUNT BATCH\n\
                  or: bench-rust publish URL SUBJECT ID-PREFIX WINDOW < LINES"
            .into()),
    }
}
