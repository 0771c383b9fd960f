import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { describeMachine } from './machine.ts'
import { measureEvery } from './plugins/every.ts'
import { measureRateLimiting } from './plugins/rate-limiting.ts'

/**
 * `npm run bench:plugins [NAME...]`: what the bundled plugins cost, and how exact they are; a section for each. Those
 * that are not named stay as they were measured last.
 */
const sections: Readonly<Record<string, () => Promise<string>>> = {
  'every plugin': measureEvery,
  'rate-limiting': measureRateLimiting,
}

const page = new URL('RESULTS-PLUGINS.md', import.meta.url)
const before = existsSync(page) ? readFileSync(page, 'utf8') : ''
const wanted = process.argv.slice(2)

/** What was measured of a plugin the last time; empty when it never was. */
function earlier(name: string): string {
  const [, rest = ''] = before.split(`<!-- ${name} -->\n`)
  return rest.split(`<!-- /${name} -->`)[0] ?? ''
}

const parts: string[] = []
for (const [name, measure] of Object.entries(sections)) {
  const isWanted = wanted.length === 0 || wanted.includes(name)
  const text = isWanted ? await measureNow(name, measure) : earlier(name)
  if (text !== '') parts.push(`<!-- ${name} -->\n${text}<!-- /${name} -->\n`)
}
const written = `# What the plugins cost, and how exact they are\n\nWritten by \`npm run bench:plugins\`; not by hand.\n\n${parts.join('\n')}`
writeFileSync(page, written)
process.stdout.write(written)

async function measureNow(name: string, measure: () => Promise<string>): Promise<string> {
  const text = await measure()
  const facts = [...describeMachine(), `Load over five minutes: ${loadavg()[1]?.toFixed(1)}`]
  return `\n## ${name}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}\n\n${text}\n\n`
}
