import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

export interface Started {
  readonly pid: number
  isRunning(): boolean
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM')
})

/** Debian keeps its servers in folders that are not in everyone's PATH. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

export function isInstalled(command: string): boolean {
  return path.split(':').some((folder) => isExecutable(`${folder}/${command}`))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts a server in the foreground, as our child; what it complains of is told if it ends by itself. */
export function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: path, ...env },
  })
  let stopping = false
  let complaint = ''
  running.add(child)
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000)
  })
  const ended = once(child, 'exit').then(
    () => {
      running.delete(child)
      if (!stopping) process.stderr.write(`${command} ended by itself: ${complaint}\n`)
    },
    // It did not start, which is thrown below.
    () => running.delete(child),
  )
  if (child.pid === undefined) throw new Error(`${command} did not start`)
  return {
    pid: child.pid,
    isRunning: () => running.has(child),
    stop: async () => {
      stopping = true
      child.kill('SIGTERM')
      const late = AbortSignal.timeout(8000)
      late.addEventListener('abort', () => child.kill('SIGKILL'))
      await ended
    },
  }
}

/**
 * Runs a command to its end and answers with what it printed; fails when the command does.
 * @param patience seconds after which it is ended
 */
export async function capture(
  command: string,
  args: readonly string[],
  patience: number,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path, ...env },
    timeout: patience * 1000,
  })
  running.add(child)
  const [output, complaints]: [string[], string[]] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
  const [code] = await once(child, 'close')
  running.delete(child)
  if (code === null) throw new Error(`${command} was not done after ${patience} s`)
  if (code === 0) return output.join('')
  throw new Error(`${command} ${args.join(' ')} failed:\n${[...output, ...complaints].join('')}`)
}

/** The first line with a number in it that a command prints when asked for its version. */
export function version(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  })
  const lines = `${stdout}\n${stderr}`.split('\n')
  return lines.find((line) => /\d\.\d/.test(line))?.trim() ?? 'unknown'
}

/**
 * Asks again every few milliseconds until the answer is yes; gives up with an error that says what it waited for.
 * @param who whose end is the end of waiting, too
 */
export async function until(
  what: string,
  ask: () => Promise<boolean> | boolean,
  who?: Pick<Started, 'isRunning'>,
): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await ask())) {
    if (who?.isRunning() === false) throw new Error(`it ended before ${what}`)
    if (performance.now() > deadline) throw new Error(`waited 15 s in vain until ${what}`)
    await pause(2)
  }
}
