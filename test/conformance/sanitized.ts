import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addonPath } from '../../core/src/transport/native/sources.mjs'

/**
 * `npm run test:native:asan`: what every transport has to do, by the native one built with AddressSanitizer and
 * UndefinedBehaviorSanitizer. Node itself is not instrumented, so that the run-time library is loaded before it. Leaks
 * are not looked for: the processes of the tests do not end in order. `valgrind` finds those.
 */

const root = new URL('../..', import.meta.url).pathname
const build = join(root, 'core/src/transport/native/build.mjs')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

const suites = ['transport', 'native-transport', 'native-arrivals'].map(
  (name) => `test/conformance/${name}.test.ts`,
)

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } } as const
  return spawnSync(command, args, options).status ?? 1
}

function runtime(name: string): string {
  return spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim()
}

function sanitized(): number {
  if (run(process.execPath, [build, '--strict', '--sanitize']) !== 0) return 1
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-asan-'))
  const reports = join(folder, 'report')
  const status = run(
    process.execPath,
    [vitest, 'run', '--config', 'test/vitest.config.ts', '--testNamePattern', 'native', ...suites],
    {
      TRANSPORT_ADDON: addonPath('tls', '.asan'),
      LD_PRELOAD: `${runtime('libasan.so')} ${runtime('libubsan.so')}`,
      ASAN_OPTIONS: `detect_leaks=0:log_path=${reports}`,
      UBSAN_OPTIONS: `print_stacktrace=1:log_path=${reports}`,
    },
  )
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  rmSync(folder, { recursive: true })
  const found = texts.flatMap(faults)
  process.stdout.write(`${found.join('\n\n')}\n${found.length} faults of the addon\n`)
  return status === 0 && found.length === 0 ? 0 : 1
}

function faults(text: string): string[] {
  return text.split(/\n\n+/).filter((part) => /ERROR: AddressSanitizer|runtime error/.test(part))
}

process.exitCode = sanitized()
