import { spawnSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'

import type { Options } from './options.ts'
import { version } from './processes.ts'
import type { Proxy } from './proxies.ts'

interface Run {
  readonly options: Options
  readonly proxies: readonly Proxy[]
  readonly missing: readonly string[]
  readonly results: string
}

function git(...args: string[]): string {
  return spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? ''
}

function commit(): string {
  const name = git('rev-parse', '--short=12', 'HEAD') || 'unknown'
  return git('status', '--porcelain') === '' ? name : `${name}, with changes`
}

function machine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model ?? 'unknown processor'
  return `${processors.length} × ${model}, ${memory} GiB, ${type()} ${release()}`
}

/** Of what and where something was measured. */
export function describeMachine(): readonly string[] {
  return [`Commit: ${commit()}`, `Machine: ${machine()}`, `Node: ${process.version}`]
}

/** The page that says what was measured, where, of what, and by which command. */
export function describeRun({ options, proxies, missing, results }: Run): string {
  const { rounds, seconds } = options
  const facts = [
    `Command: \`npm run bench -- --rounds ${rounds} --seconds ${seconds}\``,
    ...describeMachine(),
    ...proxies.map((proxy) => `${proxy.title}: ${proxy.version()}`),
    `Load: ${version('wrk', ['-v'])}; ${version('iperf3', ['--version'])}`,
    ...missing.map((name) => `Missing, so its part was left out: ${name}`),
  ]
  return `# Results of the benchmark

Written by the command below; not by hand.

${facts.map((fact) => `- ${fact}`).join('\n')}

${results}

Every proxy has one worker (kong-ts \`worker_processes = 1\`, nginx \`worker_processes 1\`, HAProxy \`nbthread 1\`), relays plain TCP on the loopback to the same upstreams, and writes no access log; the rest is as each comes. They are measured in turn, each round beginning with another; the first pass only warms up.

CPU is user and system time of all processes and threads of the proxy. A guarded connection passes, in kong-ts, ip-restriction, rate-limiting and file-log; in nginx allow/deny, limit_conn and an access log; in HAProxy an ACL, a stick table with a rate and a log. A new connection carries one small HTTP request and its answer (\`wrk\`, 16 at a time, \`Connection: close\`); a small request is the same on 16 connections that are kept; a gigabyte is 10^9 bytes from client to upstream (\`iperf3\`). Start-up is from the start of the process, already configured, to the answer over the first connection. Resident memory is the sum over the processes of the proxy; pages that they share are counted in each.

Where the time goes, and what of the goals is not measured: [PROFILE.md](PROFILE.md).
`
}
