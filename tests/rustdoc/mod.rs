//! Reading what rustdoc wrote: the public items of a crate with their methods, traits and
//! examples. For `surface.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A public item, as its page tells it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Item {
    /// `struct`, `enum`, `trait`, `fn`, `macro`, `attr`, `type` or `constant`.
    pub(crate) kind: String,
    /// Below the crate, as in `sync::mpsc::Sender`.
    pub(crate) path: String,
    /// Methods, of a trait too, associated constants, and the variants of an enum.
    pub(crate) members: BTreeSet<String>,
    /// The traits that it has, without their crates and without the auto traits.
    pub(crate) traits: BTreeSet<String>,
    /// The auto traits that it lacks.
    pub(crate) lacks: BTreeSet<String>,
    /// What is documented, each with its own text.
    pub(crate) documented: Vec<Documented>,
}

/// Something with a documentation of its own: an item, or a method.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Documented {
    /// Empty for the item itself.
    pub(crate) member: String,
    /// As it is declared, without links.
    pub(crate) signature: String,
    /// The page's text, with its markup.
    pub(crate) html: String,
}

impl Item {
    /// As one line of a list.
    pub(crate) fn to_line(&self) -> String {
        let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        format!(
            "{} {} | {} | {} | {}",
            self.kind,
            self.path,
            join(&self.members),
            join(&self.traits),
            join(&self.lacks)
        )
    }

    /// What [`to_line`](Self::to_line) wrote.
    pub(crate) fn from_line(line: &str) -> Item {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let (kind, path) = parts[0].split_once(' ').expect("a kind and a path");
        let set = |index: usize| {
            let words = parts[index].split_whitespace();
            words.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        Item {
            kind: kind.to_owned(),
            path: path.to_owned(),
            members: set(1),
            traits: set(2),
            lacks: set(3),
            documented: Vec::new(),
        }
    }
}

/// Every item on rustdoc's page of all items below `root`, a crate's folder.
pub(crate) fn read(root: &Path) -> Vec<Item> {
    let all = fs::read_to_string(root.join("all.html")).expect("the crate has been documented");
    let mut items = Vec::new();
    for entry in all.split("<li><a href=\"").skip(1) {
        let (href, rest) = entry.split_once('"').expect("an address");
        if href.starts_with('#') {
            continue;
        }
        let path = between(rest, ">", "</a>");
        let file = href.rsplit('/').next().expect("a file");
        let kind = file.split('.').next().expect("a kind");
        let page = fs::read_to_string(root.join(href)).expect("each item has a page");
        items.push(item(kind, path, &page));
    }
    items.sort_by(|a, b| (&a.path, &a.kind).cmp(&(&b.path, &b.kind)));
    items
}

fn item(kind: &str, path: &str, page: &str) -> Item {
    let mut item = Item {
        kind: kind.to_owned(),
        path: path.to_owned(),
        ..Item::default()
    };
    let page = &page[page.find("id=\"main-content\"").unwrap_or(0)..];
    let end = |from: &str| page.find(from).unwrap_or(page.len());
    let blanket = end("id=\"blanket-implementations\"").min(end("id=\"deref-methods"));
    let foreign = end("id=\"foreign-impls\"").min(end("id=\"implementors\""));
    let page = &page[..blanket.min(foreign)];
    let end = |from: &str| page.find(from).unwrap_or(page.len());
    let auto = end("id=\"synthetic-implementations\"");
    let traits = end("id=\"trait-implementations\"").min(auto);

    for header in headers(&page[traits..auto]) {
        if let Some(name) = trait_of(&header) {
            item.traits.insert(name);
        }
    }
    for header in headers(&page[auto..]) {
        let lacks = header
            .split_once('!')
            .and_then(|(_, rest)| rest.split_once(" for "));
        if let Some((name, _)) = lacks {
            item.lacks.insert(name.to_owned());
        }
    }
    item.lacks.remove("Freeze");
    item.lacks.remove("UnsafeUnpin");
    for internal in [
        "StructuralPartialEq",
        "Drop",
        "Send",
        "Sync",
        "Unpin",
        "UnwindSafe",
        "RefUnwindSafe",
    ] {
        item.traits.remove(internal);
    }

    let own = &page[..traits];
    let first = own.find(" id=\"implementations\"").unwrap_or(own.len());
    let first = MEMBERS
        .iter()
        .filter_map(|mark| own.find(mark))
        .fold(first, usize::min);
    item.documented.push(Documented {
        member: String::new(),
        signature: text(between(
            &own[..first],
            "<pre class=\"rust item-decl\">",
            "</pre>",
        )),
        html: own[..first].to_owned(),
    });
    for (name, html) in members(own) {
        item.members.insert(name.clone());
        item.documented.push(Documented {
            member: name,
            signature: text(between(html, "<h4 class=\"code-header\">", "</h4>")),
            html: html.to_owned(),
        });
    }
    item
}

const MEMBERS: [&str; 4] = [
    " id=\"method.",
    " id=\"tymethod.",
    " id=\"variant.",
    " id=\"associatedconstant.",
];

/// Each member's name with its part of the page.
fn members(page: &str) -> Vec<(String, &str)> {
    let mut starts: Vec<(usize, &str)> = Vec::new();
    for mark in MEMBERS {
        let found = page.match_indices(mark);
        starts.extend(found);
    }
    starts.sort();
    let mut members = Vec::new();
    for (position, (start, mark)) in starts.iter().enumerate() {
        let next = starts.get(position + 1).map_or(page.len(), |next| next.0);
        let html = &page[*start..next];
        let name = html[mark.len()..].split('"').next().expect("an id ends");
        // A second one of the same name, in another block, has a number.
        let name = name.split_once('-').map_or(name, |(name, _)| name);
        members.push((name.to_owned(), html));
    }
    members
}

/// What the function of this signature returns, if it returns anything.
pub(crate) fn result_of(signature: &str) -> Option<&str> {
    let (_, signature) = signature.split_once("fn ")?;
    let mut open = 0;
    let mut before = ' ';
    for (index, sign) in signature.char_indices() {
        match sign {
            '(' | '[' | '<' => open += 1,
            '>' if before == '-' => {}
            ')' | ']' | '>' => open -= 1,
            _ => {}
        }
        before = sign;
        if open == 0 && sign == ')' {
            let rest = signature[index + 1..].trim_start().strip_prefix("->")?;
            return rest.split("where").next().map(str::trim);
        }
    }
    None
}

/// The text of each implementation's header.
fn headers(page: &str) -> Vec<String> {
    let headers = page.split("<h3 class=\"code-header\">").skip(1);
    headers
        .map(|header| text(header.split("</h3>").next().expect("split gives one")))
        .collect()
}

/// The trait of `impl<T> Trait<A> for Type`, with its arguments if it can be had with
/// several.
fn trait_of(header: &str) -> Option<String> {
    let (before, _) = header.split_once(" for ")?;
    let mut rest = before.strip_prefix("unsafe ").unwrap_or(before);
    rest = rest.strip_prefix("impl")?;
    if rest.starts_with('<') {
        rest = &rest[closing(rest)? + 1..];
    }
    let rest = rest.trim().trim_start_matches('!');
    let name = rest.split('<').next()?;
    let several = ["From", "TryFrom", "PartialEq", "Extend", "Add", "Sub"];
    let short = name.rsplit("::").next()?;
    if !several.contains(&short) || short == name && !rest.contains('<') {
        return Some(short.to_owned());
    }
    let arguments: String = rest[name.len()..].split_whitespace().collect();
    let last = |path: &str| path.rsplit("::").next().map(str::to_owned);
    Some(format!("{short}<{}", last(&arguments[1..])?))
}

/// Where the `<` that `text` starts with is closed.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    let mut before = ' ';
    for (index, sign) in text.char_indices() {
        match sign {
            '<' => open += 1,
            '>' if before != '-' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(index);
        }
        before = sign;
    }
    None
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let Some(start) = text.find(from) else {
        return "";
    };
    let rest = &text[start + from.len()..];
    &rest[..rest.find(to).unwrap_or(rest.len())]
}

/// `html` without its marks.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut in_mark = false;
    for sign in html.chars() {
        match sign {
            '<' => in_mark = true,
            '>' => in_mark = false,
            _ if !in_mark => text.push(sign),
            _ => {}
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&").replace("&#39;", "'")
}
