import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * `npm run test:native:valgrind`: what a transport has to do, by the native one under valgrind, which sees every read of
 * memory that nobody wrote, in the libraries that the addon calls, too, and what is lost at the end. Only what has the
 * addon in its stack counts: V8 and OpenSSL do things that valgrind complains of. Everything takes tens of times longer,
 * so that tests which need a pace may fail; those are printed, and counted only with `--strict`.
 */

const { values } = parseArgs({
  options: {
    /** Which tests, by their names. */
    pattern: { type: 'string', default: 'native' },
    /** `transport` or `native-transport`; both without it. */
    suite: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    strict: { type: 'boolean', default: false },
  },
})

const root = new URL('../..', import.meta.url).pathname
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const chosen = values.suite === undefined ? ['native-transport', 'transport'] : [values.suite]
const suites = chosen.map((name) => `test/conformance/${name}.test.ts`)

/** The runner gives a process a minute to start, and valgrind takes longer than that on a busy machine. */
const patience = `const wait = globalThis.setTimeout
globalThis.setTimeout = Object.assign(
  (work, time, ...rest) => wait(work, time >= 60_000 ? time * 20 : time, ...rest),
  wait,
)
`

/** The processes of the tests alone run under valgrind: they are forked from what this names. */
function writeWrapper(folder: string): string {
  const wrapper = join(folder, 'node')
  const options = [
    '--quiet',
    '--leak-check=full',
    '--show-leak-kinds=definite',
    '--errors-for-leak-kinds=definite',
    '--num-callers=30',
    `--log-file=${folder}/report.%p`,
  ]
  const script = `#!/bin/sh\nexec valgrind ${options.join(' ')} ${process.execPath} --no-opt "$@"\n`
  writeFileSync(wrapper, script)
  chmodSync(wrapper, 0o755)
  const preload = join(folder, 'preload.mjs')
  writeFileSync(preload, `process.execPath = ${JSON.stringify(wrapper)}\n${patience}`)
  return preload
}

/** The errors whose stack leads through the addon. */
function faults(text: string): string[] {
  return text
    .replaceAll(/^==\d+== ?/gm, '')
    .split(/\n\s*\n/)
    .filter((part) => /kong::|dist\/native\/transport/.test(part))
}

interface Outcome {
  readonly numPassedTests: number
  readonly numFailedTests: number
}

/** How the tests ended; none, where the runner did not come to its end. */
function outcomeOf(path: string): Outcome {
  if (!existsSync(path)) return { numPassedTests: 0, numFailedTests: 0 }
  return JSON.parse(readFileSync(path, 'utf8')) as Outcome
}

function run(): number {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-valgrind-'))
  const preload = writeWrapper(folder)
  const outcome = join(folder, 'outcome.json')
  const { error } = spawnSync(
    process.execPath,
    [
      '--import',
      preload,
      vitest,
      'run',
      '--config',
      'test/vitest.config.ts',
      '--project',
      'whole',
      '--testTimeout',
      '300000',
      '--no-file-parallelism',
      '--reporter',
      'default',
      '--reporter',
      'json',
      '--outputFile',
      outcome,
      '--testNamePattern',
      values.pattern,
      ...suites,
    ],
    { cwd: root, stdio: 'inherit', timeout: Number(values.minutes) * 60_000 },
  )
  const reports = readdirSync(folder).filter((name) => name.startsWith('report.'))
  const found = reports.flatMap((name) => faults(readFileSync(join(folder, name), 'utf8')))
  const { numPassedTests: passed, numFailedTests: failed } = outcomeOf(outcome)
  rmSync(folder, { recursive: true })
  if (error) process.stdout.write(`not finished: ${error.message}\n`)
  process.stdout.write(`${found.join('\n\n')}\n${passed} tests passed, ${failed} failed\n`)
  process.stdout.write(`${found.length} faults of the addon\n`)
  const isBad = found.length > 0 || passed === 0 || error !== undefined
  return isBad || (values.strict && failed > 0) ? 1 : 0
}

process.exitCode = run()
