import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

import { idleWithin, mostIdle } from './descriptors.ts'
import { description as latencyDescription } from './latencies.ts'
import { description as loadsDescription } from './loads.ts'
import type { Options } from './options.ts'
import { version } from './processes.ts'
import type { Proxy } from './proxies.ts'

interface Run {
  readonly options: Options
  readonly proxies: readonly Proxy[]
  readonly missing: readonly string[]
  /** How many a process may open. */
  readonly descriptors: number
  /** What was done last, of a run that is not over. */
  readonly progress: string | undefined
  readonly results: string
}

const minuteLoad = (): string => (loadavg()[0] ?? 0).toFixed(1)
const loadBefore = minuteLoad()

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
export function describeRun(run: Run): string {
  const { options, proxies, missing, results, progress } = run
  const { rounds, seconds } = options
  const openssl = version('openssl', ['version'])
  const facts = [
    `Command: \`npm run bench -- --rounds ${rounds} --seconds ${seconds}\``,
    ...describeMachine(),
    ...proxies.filter(({ isDirect }) => !isDirect).map((one) => `${one.title}: ${one.version()}`),
    `OpenSSL: in kong-ts that of Node, ${process.versions.openssl}; in the others ${openssl}`,
    `Load: ${version('wrk', ['-v'])}; ${version('iperf3', ['--version'])}; openssl`,
    `Load of the machine before and after, in the last minute: ${loadBefore}, ${minuteLoad()}`,
    ...missing.map((name) => `Missing, so its part was left out: ${name}`),
    ...(progress === undefined ? [] : [`Not finished: this is what is known after: ${progress}`]),
  ]
  return `# Results of the benchmark

Written by the command below; not by hand. Where the time goes: [PROFILE.md](PROFILE.md).

${facts.map((fact) => `- ${fact}`).join('\n')}

${results}

## Method

${method(run)}
`
}

function method({ options, descriptors }: Run): string {
  const paragraphs = [
    `Every proxy has one worker (kong-ts \`worker_processes = 1\`, nginx \`worker_processes 1\`, HAProxy
\`nbthread 1\`), stands on the loopback before the same upstreams, and writes no access log; the rest is as each comes.
They are measured in turn, each round beginning with another; the first pass only warms up, a second each and new
connections twice as long as they are measured. Clients,
upstreams and proxy share the machine, so throughput is that of all of them together; "direct" is that of clients and
upstreams with nothing between.`,
    `CPU is user and system time of all processes and threads of the proxy. With three plugins: in kong-ts ip-restriction,
rate-limiting and file-log; in nginx allow/deny, limit_conn and an access log; in HAProxy an ACL, a stick table with a
rate and a log. On connections that are kept these do nothing for each unit of work; those rows last
${Math.ceil(options.seconds / 3)} s instead of ${options.seconds}. HAProxy moves bytes by splice(2) only when it is told to: "HAProxy, splice" has
\`option splice-request\` and \`splice-response\`; it differs in bulk only. The better of nginx
and HAProxy, by which the goals are held, is the better of all three.`,
    loadsDescription,
    latencyDescription,
    `Start-up is from the start of the process, already configured, to the answer over the first connection. Resident
memory is the sum over the processes of the proxy; pages that they share are counted in each. Memory per idle connection
is what ${idleWithin(descriptors).toLocaleString('en-US')} silent connections add to none, divided by their number; as many as fit, with two descriptors each, into
the ${descriptors.toLocaleString('en-US')} that a process may open here, at most ${mostIdle.toLocaleString('en-US')}. For TLS it is a thousand, in a process of its own. nginx takes
memory for all its \`worker_connections\` at its start, so that part of what its connections cost is in the first row.`,
  ]
  return paragraphs.map((text) => text.replaceAll('\n', ' ')).join('\n\n')
}
