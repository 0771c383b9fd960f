import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CommandError } from '../errors/command-error.ts'
import { codeOf } from '../errors/code-of.ts'
import { callControl } from '../node/control/control-client.ts'
import type { Settings } from '../settings/schema.ts'
import type { StartOptions } from './options.ts'
import type { World } from './world.ts'

/** How long a node may take to come up, and how often it is asked, in milliseconds. */
const patience = 60_000
const interval = 25

/**
 * Starts the gateway in a process of its own, which outlives this one, and waits until it takes traffic.
 * What it would write to the terminal goes to `logs/` in the prefix.
 * @throws Error with what the process said, when it ends instead
 */
export async function startDetached(
  { prefix }: Settings,
  options: StartOptions,
  world: World,
): Promise<number> {
  const logs = join(prefix, 'logs')
  mkdirSync(prefix, { recursive: true, mode: 0o700 })
  mkdirSync(logs, { recursive: true })
  const output = openSync(join(logs, 'access.log'), 'a')
  const errors = openSync(join(logs, 'error.log'), 'a')
  const start = fstatSync(errors).size
  const child = spawn(
    process.execPath,
    [...process.execArgv, world.entry, 'start', '--quiet', ...flagsOf(options)],
    { cwd: world.cwd, env: world.env, detached: true, stdio: ['ignore', output, errors] },
  )
  closeSync(output)
  closeSync(errors)
  const died = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) =>
      resolve(lastWords(logs, start) || `ended (${signal ?? code})`),
    )
  })
  const failure = await Promise.race([died, isUp(prefix, child.pid)])
  child.unref()
  if (failure !== undefined) throw new Error(failure)
  world.terminal.write('kong-ts started')
  return 0
}

function flagsOf({ conf, prefix, v, vv, ...database }: StartOptions): string[] {
  const { runMigrations, dbTimeout, lockTimeout } = database
  return [
    ...(runMigrations === true
      ? ['--run-migrations', '--lock-timeout', String(lockTimeout / 1000)]
      : []),
    ...(dbTimeout === undefined ? [] : ['--db-timeout', String(dbTimeout / 1000)]),
    ...(conf === undefined ? [] : ['--conf', conf]),
    ...(prefix === undefined ? [] : ['--prefix', prefix]),
    ...(v === true ? ['--v'] : []),
    ...(vv === true ? ['--vv'] : []),
  ]
}

/** Resolves once this very process answers on the control socket: another one may run in the prefix. */
async function isUp(prefix: string, pid: number | undefined): Promise<string | undefined> {
  const deadline = Date.now() + patience
  while (Date.now() < deadline) {
    if (pid !== undefined && (await pidOf(prefix)) === pid) return undefined
    await setTimeout(interval)
  }
  return `kong-ts did not come up at ${prefix} within ${patience / 1000} s; see its logs`
}

async function pidOf(prefix: string): Promise<number | undefined> {
  try {
    const answer = await callControl(prefix, 'GET', '/process')
    if (typeof answer !== 'object' || answer === null || !('pid' in answer)) return undefined
    return typeof answer.pid === 'number' ? answer.pid : undefined
  } catch (error) {
    if (error instanceof CommandError && error.code === 'NOT_RUNNING') return undefined
    throw error
  }
}

/** What the process has written to its error log, without the word that this command puts before it. */
function lastWords(logs: string, start: number): string {
  try {
    return readFileSync(join(logs, 'error.log'))
      .subarray(start)
      .toString()
      .trim()
      .replaceAll(/^Error: /gm, '')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  }
}
