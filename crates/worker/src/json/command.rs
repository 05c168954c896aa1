//! Reading the page's commands.

use transfer::port::{Command, DuplicateChoice, FileFacts, Filter};
use transfer::wire::{ItemIndex, OpenedBatch, Relay, Rules};

use super::Reader;
use super::answer::indexes;
use super::grant::{batch_id, grant, millis, relay, store, strings};

/// A command.
pub fn command(reader: &mut Reader<'_>) -> Option<Command> {
    let what = reader.tag("do")?;
    let (mut batch, mut files, mut item, mut filter) = (None, None, None, None);
    let (mut first, mut count, mut folder, mut person) = (None, None, None, None);
    let (mut items, mut choice) = (None, None);
    reader.object(&mut |key, reader| {
        match key {
            "batch" => batch = Some(opened_batch(reader)?),
            "files" => files = Some(facts(reader)?),
            "item" => item = Some(ItemIndex(reader.small()?)),
            "items" => items = Some(indexes(reader)?),
            "person" => person = Some(reader.string()?),
            "folder" => folder = Some(reader.string()?),
            "filter" => {
                filter = Some(match reader.string()?.as_str() {
                    "all" => Filter::All,
                    "trouble" => Filter::Trouble,
                    _ => return None,
                });
            }
            "choice" => {
                let name = reader.string()?;
                choice = DuplicateChoice::ALL.into_iter().find(|choice| choice.name() == name);
            }
            "first" => first = Some(reader.small()?),
            "count" => count = Some(reader.small()?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(match what {
        "recall" => Command::Recall { person: person? },
        "adopt" => Command::Adopt,
        "open" => Command::Open { batch: Box::new(batch?) },
        "add" => Command::Add { files: files? },
        "finish" => Command::Finish,
        "pause" => Command::Pause,
        "resume" => Command::Resume,
        "cancel" => Command::Cancel { item: item? },
        "cancel_all" => Command::CancelAll,
        "hold" => Command::Hold { item: item? },
        "release" => Command::Release { item: item? },
        "first" => Command::First { folder: folder? },
        "bring" => Command::Bring { files: files? },
        "duplicates" => Command::Duplicates { choice: choice? },
        "retry" => Command::Retry { item: item? },
        "retry_failed" => Command::RetryFailed,
        "close_anyway" => Command::CloseAnyway,
        "signed_in" => Command::SignedIn,
        "watch" => Command::Watch { filter: filter?, first: first?, count: count? },
        "look" => Command::Look { items: items? },
        _ => return None,
    })
}

fn facts(reader: &mut Reader<'_>) -> Option<Vec<FileFacts>> {
    let mut files = Vec::new();
    reader.array(&mut |reader| {
        let (mut path, mut size, mut modified, mut media_type) = (None, None, None, None);
        reader.object(&mut |key, reader| {
            match key {
                "path" => path = Some(reader.string()?),
                "size" => size = Some(reader.number()?),
                "modified" => modified = Some(millis(reader)?),
                "media_type" => media_type = Some(reader.string()?),
                _ => reader.skip()?,
            }
            Some(())
        })?;
        files.push(FileFacts { path: path?, size: size?, modified: modified?, media_type: media_type? });
        Some(())
    })?;
    Some(files)
}

fn opened_batch(reader: &mut Reader<'_>) -> Option<OpenedBatch> {
    let (mut batch, mut prefix, mut permit) = (None, None, None);
    let (mut address, mut limits, mut server_time) = (None, None, None);
    let (mut thumbnails, mut way) = (false, Relay::Never);
    reader.object(&mut |key, reader| {
        match key {
            "thumbnails" => thumbnails = reader.flag()?,
            "relay" => way = relay(reader)?,
            "batch" => batch = Some(batch_id(reader)?),
            "prefix" => prefix = Some(reader.string()?),
            "grant" => permit = Some(grant(reader)?),
            "store" => address = Some(store(reader)?),
            "rules" => limits = Some(rules(reader)?),
            "server_time" => server_time = Some(millis(reader)?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(OpenedBatch {
        batch: batch?,
        prefix: prefix?,
        grant: permit?,
        store: address?,
        rules: limits?,
        server_time: server_time?,
        thumbnails,
        relay: way,
    })
}

fn rules(reader: &mut Reader<'_>) -> Option<Rules> {
    let (mut media_types, mut min_size, mut max_size, mut max_items) = (None, None, None, None);
    reader.object(&mut |key, reader| {
        match key {
            "media_types" => media_types = Some(strings(reader)?),
            "min_size" => min_size = Some(reader.number()?),
            "max_size" => max_size = Some(reader.number()?),
            "max_items" => max_items = Some(reader.small()?),
            _ => reader.skip()?,
        }
        Some(())
    })?;
    Some(Rules { media_types: media_types?, min_size: min_size?, max_size: max_size?, max_items: max_items? })
}
