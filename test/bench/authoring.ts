/** `npm run bench:authoring`: how long an author waits, and what a plugin costs the compiler; writes RESULTS-AUTHORING.md. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compilerTable, linesOfSmallest } from './authoring-compiler.ts'
import { firstTest, type FirstTest } from './authoring-first-test.ts'
import { swaps } from './authoring-swaps.ts'
import { median, table } from './figures.ts'
import { describeMachine } from './machine.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    saves: { type: 'string', default: '20' },
  },
})
const rounds = Number(values.rounds)
const saves = Number(values.saves)
if (!(rounds >= 1 && saves >= 1)) throw new Error('--rounds and --saves take numbers')
/** What is smaller than a whole run must not replace its results. */
const isWhole = rounds >= 5 && saves >= 20

const firsts: FirstTest[] = []
for (let round = 0; round < rounds; round++) firsts.push(await firstTest())
const { times, kept } = await swaps(saves)

type Row = readonly [what: string, unit: string, digits: number, all: readonly number[]]
const waits: readonly Row[] = [
  ['`kong-ts plugins new NAME`', 's', 2, firsts.map(({ made }) => made)],
  ['`kong-ts plugins test ./NAME`, its tests passed', 's', 2, firsts.map(({ tested }) => tested)],
  ['both', 's', 2, firsts.map(({ made, tested }) => made + tested)],
  ['from a save until a new connection meets it', 'ms', 0, times],
]
const rows = waits.map(([what, unit, digits, all]) => {
  const ends = [Math.min(...all), Math.max(...all)].map((value) => value.toFixed(digits))
  return [what, unit, median(all).toFixed(digits), ends.join(' to '), String(all.length)]
})

const page = `# Results of writing a plugin

Written by \`npm run bench:authoring\`; not by hand.

${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

## What an author waits for

${table([['what', 'unit', 'median', 'least to most', 'times'], ...rows])}

The first two are all that an author types between an empty folder and tests that pass: nothing is installed or linked.
A save is a whole file written at once under \`kong-ts dev\`; connections are made one after another, and the time ends
with the first answer by the new version, the 25 ms of silence that end a save included. A connection of every version
was kept open meanwhile: ${kept.own} of ${kept.all} were served to the end by the version that they were born under.

## What a plugin costs the compiler

${compilerTable()}

Instantiations are how often the compiler fills in a generic type; those of an example come on top of what importing the
PDK alone needs, and the tests hold the same measure to a budget. Lines are lines of code, without blank ones, comments
and tests: the smallest plugin, its configuration included, has ${linesOfSmallest()}. What plugins cost a connection in each phase, by
their number: [RESULTS-PHASES.md](RESULTS-PHASES.md).
`
if (isWhole) writeFileSync(new URL('RESULTS-AUTHORING.md', import.meta.url), page)
process.stdout.write(page)
