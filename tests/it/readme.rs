//! The README's commands exist, and its first one does what it says.

use std::process::{Command, Output};

const README: &str = include_str!("../../README.md");

fn hotelbot(words: &[&str]) -> Output {
    let dir = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_hotelbot"))
        .args(words)
        .current_dir(dir.path())
        .env_remove("DEEPSEEK_API_KEY")
        .output()
        .expect("the program runs")
}

/// Every `hotelbot …` of the README, in backticks or at the start of a line of a code block.
fn commands() -> Vec<Vec<&'static str>> {
    let in_backticks = README.split('`').skip(1).step_by(2);
    let in_blocks = README.lines().filter(|line| !line.contains('`'));
    in_backticks
        .chain(in_blocks)
        .filter_map(|text| text.strip_prefix("hotelbot "))
        .map(|text| text.split(['#', '>']).next().unwrap_or_default().split_whitespace().collect())
        .collect()
}

#[test]
fn every_command_of_the_readme_is_known() {
    let commands = commands();
    assert!(commands.len() > 15, "the README shows its commands: {commands:?}");

    for words in commands {
        let ends_in_help = words.first() == Some(&"help");
        let asked: Vec<&str> =
            if ends_in_help { words.clone() } else { words.iter().copied().chain(["--help"]).collect() };

        let output = hotelbot(&asked);

        assert!(output.status.success(), "hotelbot {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_demo_really_happens() {
    let output = hotelbot(&["demo", "--no-wait"]);

    let screen = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{screen}\n{}", String::from_utf8_lossy(&output.stderr));
    for seen in [
        "7:00 до 10:30",
        "sunset2024",
        "the bot keeps silent; a person leads this chat",
        "Welcome, Emma!",
        "[review]",
        "Every step really happened",
    ] {
        assert!(screen.contains(seen), "`{seen}` is not on the screen:\n{screen}");
    }
}
