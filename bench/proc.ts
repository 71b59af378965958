/** What /proc tells of a process and of those that it started. */
import { readFileSync } from "node:fs";

const MICROSECONDS_PER_TICK = 10_000;

/** Resident memory in MB (10⁶ bytes); undefined where /proc is missing. */
export function residentMb(pid: number | undefined): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}

/** Processor time used so far by all threads of a process and of its children, in µs, in steps of a hundredth of a second; NaN without /proc. */
export function processorMicroseconds(pid: number | undefined): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    return children.reduce((sum, child) => sum + processorMicroseconds(child), ownMicroseconds(pid));
  } catch {
    return Number.NaN;
  }
}

/** User and system time, fields 14 and 15 of proc_pid_stat(5), counted after the name in brackets. */
function ownMicroseconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}
