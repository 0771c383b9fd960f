import { readFileSync } from 'node:fs'

/** Descriptors that a process needs beside those of its connections: logs, store, channels, listeners. */
const reserve = 256

/** What to say when the process may open fewer descriptors than `max_connections` needs (two for each). */
export function descriptorWarning(maxConnections: number, limit = descriptorLimit()): string[] {
  const needed = maxConnections * 2 + reserve
  if (maxConnections === 0 || limit === undefined || limit >= needed) return []
  return [
    `max_connections = ${maxConnections} needs ${needed} file descriptors, ` +
      `but this process may open ${limit}; raise "ulimit -n"`,
  ]
}

/** Linux tells it in proc(5); elsewhere nothing is known. */
function descriptorLimit(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line ? Number(line[1]) : undefined
  } catch {
    return undefined
  }
}
