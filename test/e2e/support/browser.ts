import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Writable } from 'node:stream'

/** A Chromium without a window, with a profile of its own. */
export interface Browser {
  /** Opens a page; it stays until the browser ends. */
  open(url: string): void
  /** Rejects when the browser has ended too early. */
  readonly failed: Promise<never>
  end(): Promise<void>
}

/** The path of a Chromium, where there is one. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, name)))
  .find(isExecutable)

/**
 * Starts one. Every `*.example` leads to this machine.
 * @param trustedKey the key of a certificate that need not be signed by anybody: SHA-256 of it, base64
 */
export function startBrowser(trustedKey: string): Browser {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-browser-'))
  const options = [
    '--headless',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-breakpad',
    '--disable-component-update',
    '--no-first-run',
    '--no-proxy-server',
    // A container has no user namespaces, and the pages are ours.
    '--no-sandbox',
    '--host-resolver-rules=MAP *.example 127.0.0.1',
    `--ignore-certificate-errors-spki-list=${trustedKey}`,
    `--user-data-dir=${join(folder, 'profile')}`,
    // Commands come in by descriptor 3, JSON texts that end with a zero, and answers go out by descriptor 4.
    '--remote-debugging-pipe',
  ]
  const child = spawn(chromium ?? 'chromium', [...options, 'about:blank'], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const [, , , commands, answers] = child.stdio
  answers?.on('data', () => undefined)
  commands?.on('error', () => undefined)
  // It has ended when the last of its processes has let go of the streams.
  const ended = once(child, 'close')
  const failed = ended.then(() => {
    throw new Error(`the browser has ended:\n${errors}`)
  })
  failed.catch(() => undefined)
  let id = 0
  return {
    failed,
    open(url) {
      id += 1
      const command = { id, method: 'Target.createTarget', params: { url } }
      ;(commands as Writable).write(`${JSON.stringify(command)}\0`)
    },
    async end() {
      endGroup(child.pid)
      await ended.catch(() => undefined)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A browser is many processes, all of one group. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
