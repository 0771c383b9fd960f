import type { Log, LogFields } from '@kong-ts/pdk'
import { pino, type DestinationStream, type Logger } from 'pino'
import type { LogTarget } from '../../settings/paths.ts'
import type { Settings } from '../../settings/schema.ts'
import { standardFile } from './standard-file.ts'

/** Kong's levels beyond pino's own; `notice` is what an operator should see by default. */
const customLevels = { notice: 35, crit: 55, alert: 56, emerg: 58 }

export type ErrorLog = Logger<keyof typeof customLevels>

export interface OpenErrorLog {
  readonly log: ErrorLog
  /** Opens the path again, after a rotation. */
  reopen(): void
}

/** Where the error log goes can change while it is written: a rotation. */
interface Destination extends DestinationStream {
  reopen(): void
}

/** Bytes that wait for a disk that is full; further lines are lost. */
const longestBacklog = 1_048_576

/**
 * The error log. Synchronous on purpose: what a dying process has to say is worth the wait
 * (an asynchronous destination kept none of 5,000 lines on SIGTERM).
 * @throws Error that names the setting when the path cannot be opened
 */
export function createErrorLog(settings: Pick<Settings, 'error_log' | 'log_level'>): OpenErrorLog {
  const destination = open(settings.error_log)
  const options = {
    customLevels,
    level: settings.log_level,
    base: { pid: process.pid },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return { log: pino(options, destination), reopen: () => destination.reopen() }
}

function open(target: LogTarget): Destination {
  if (target === 'off') return { write: () => undefined, reopen: () => undefined }
  if (typeof target === 'string') {
    const fd = target === 'stdout' ? 1 : 2
    const dest = standardFile(fd)
    const standard = destinationOf(dest === undefined ? { fd } : { dest, append: true })
    return { write: (line) => void standard.write(line), reopen: () => undefined }
  }
  const file = destinationOf({ dest: target.path, append: true, mkdir: true })
  return { write: (line) => void file.write(line), reopen: () => file.reopen() }
}

type Options = Extract<Parameters<typeof pino.destination>[0], object>

function destinationOf(where: Options): ReturnType<typeof pino.destination> {
  const destination = pino.destination({ ...where, sync: true, maxLength: longestBacklog })
  // There is nowhere to tell it, and a full disk must not end the gateway: the next line tries again.
  destination.on('error', () => undefined)
  return destination
}

/** The log of a plugin's instance: its lines say whose they are. The level of `log` holds, as it is at each line. */
export function pluginLog(log: ErrorLog, plugin: string, instance: string): Log {
  // A child keeps the level that its parent had when it was made: this one leaves the choice to the parent.
  const lines = log.child({ plugin, instance }, { level: 'debug' })
  const at = (level: keyof Log) => (fields: LogFields, message: string) => {
    if (log.isLevelEnabled(level)) lines[level](fields, message)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
