//! The first screen: the commands by task, three examples. Clap knows no groups, so they are written by hand, and a
//! test holds them against clap's own list.

use crate::args::Cli;
use clap::{Command, CommandFactory};
use std::fmt::Write as _;

/// The commands by what a person wants to do.
const GROUPS: &[(&str, &[&str])] = &[
    ("Run", &["demo", "serve", "sandbox", "status", "doctor"]),
    ("Configure", &["hotels", "triggers", "prompts", "config"]),
    ("Operate", &["chats", "alerts", "stays", "guests", "inbox", "outbox"]),
    ("Maintain", &["db", "bench", "completions"]),
];

const EXAMPLES: &[(&str, &str)] = &[
    ("hotelbot demo", "See it work, with nothing to set up"),
    ("hotelbot hotels add astoria", "Onboard a hotel, step by step"),
    ("hotelbot hotels plan", "See what hotels/*.yaml would change"),
    ("hotelbot chats tail --hotel astoria", "Follow its conversations"),
];

/// The command line with the grouped help.
pub fn command() -> Command {
    let command = Cli::command();
    let template = screen(&command, true);
    command.help_template(template)
}

/// What `hotelbot` alone prints: no options, nothing started.
pub fn overview() -> clap::builder::StyledStr {
    let command = Cli::command();
    let template = screen(&command, false);
    command.help_template(template).render_help()
}

fn screen(command: &Command, options: bool) -> String {
    let style = *clap::builder::Styles::default().get_header();
    let heading = |text: &str| format!("{style}{text}:{style:#}");
    let mut screen = format!("{{about-with-newline}}\n{} hotelbot [OPTIONS] <COMMAND>\n", heading("Usage"));
    let longest = GROUPS.iter().flat_map(|(_, names)| names.iter()).map(|name| name.len()).max().unwrap_or(0);
    // Writing to a String cannot fail.
    for (group, names) in GROUPS {
        let _ = writeln!(screen, "\n{}", heading(group));
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(screen, "  {name:longest$}  {}", about.unwrap_or_default());
        }
    }
    if options {
        let _ = writeln!(screen, "\n{}\n{{options}}", heading("Options"));
    }
    let _ = writeln!(screen, "\n{}", heading("Examples"));
    let longest = EXAMPLES.iter().map(|(example, _)| example.len()).max().unwrap_or(0);
    for (example, what) in EXAMPLES {
        let _ = writeln!(screen, "  {example:longest$}   {what}");
    }
    screen.push_str("\nRun `hotelbot help <command>` to read more about a command.\n");
    screen
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_grouped_list_holds_every_command_once() {
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let command = Cli::command();
        let known: BTreeSet<&str> =
            command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(Command::get_name).collect();

        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), known);
        assert_eq!(grouped.len(), known.len(), "no command is listed twice");
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }
}
