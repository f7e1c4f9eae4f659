//! `hotelbot triggers …`

use clap::Subcommand;

/// The verbs of `triggers`.
#[derive(Subcommand, Debug)]
pub enum Triggers {
    /// Check `triggers.yaml` and each hotel's own, without database or network
    #[command(after_help = "Exit 2 if anything is wrong.

Examples:
  hotelbot triggers check
  hotelbot triggers check --hotel astoria
  hotelbot triggers check --json")]
    Check,
    /// Print the JSON Schema of the files, for editors that complete and check
    #[command(after_help = "An editor with a YAML language server reads it through the first line of the file:

  # yaml-language-server: $schema=triggers.schema.json

Examples:
  hotelbot triggers schema > triggers.schema.json")]
    Schema,
}
