//! What a process used, as the kernel counts it.

use anyhow::Context as _;
use std::time::Duration;
use tokio::process::Child;

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// In memory now.
    pub resident_mib: f64,
    /// The most it ever had in memory.
    pub peak_mib: f64,
}

impl Usage {
    /// Reads the kernel's accounts of a child that still runs.
    pub fn of(child: &Child) -> anyhow::Result<Self> {
        let pid = child.id().context("the daemon has ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        Ok(Self {
            cpu: cpu(&stat).context("/proc/PID/stat is not as expected")?,
            resident_mib: kib(&status, "VmRSS:") / 1024.0,
            peak_mib: kib(&status, "VmHWM:") / 1024.0,
        })
    }
}

/// Fields 14 and 15 are user and system ticks; the name before them may hold spaces, but ends with the last `)`.
fn cpu(stat: &str) -> Option<Duration> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

fn kib(status: &str, name: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_accounts_are_read_whatever_the_name_of_the_process() {
        let ticks = rustix::param::clock_ticks_per_second();
        let stat = format!("7 (a) b) S 1 1 1 0 -1 4194560 1 0 0 0 {ticks} {ticks} 0 0 20 0 1 0");

        assert_eq!(cpu(&stat), Some(Duration::from_secs(2)));
        assert_eq!(kib("VmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n", "VmRSS:"), 1024.0);
    }
}
