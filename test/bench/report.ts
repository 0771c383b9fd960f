import { columnsOf, mediansTable, spreadTable, type SectionName } from './figures.ts'
import { goalsTable } from './goals.ts'
import type { Results } from './results.ts'

const headings: Readonly<Record<SectionName, string>> = {
  cost: 'What a unit of work costs the proxy',
  rate: 'Throughput',
  latency: 'Latency',
  life: 'Start and memory',
}

function section(results: Results, name: SectionName, titles: ReadonlyMap<string, string>): string {
  const rows = results.rows(name)
  if (rows.length === 0) return ''
  const compared = name === 'rate' ? [] : ['nginx', 'haproxy']
  return `## ${headings[name]}\n\n${mediansTable(rows, columnsOf(rows, titles), compared)}`
}

function failures(results: Results, titles: ReadonlyMap<string, string>): string {
  const lines = results.failures().map(({ what, proxy, reason, times }) => {
    const text = reason.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
    return `- ${titles.get(proxy) ?? proxy}, ${what} (tried ${times} times in vain): ${text}`
  })
  return lines.length === 0 ? '' : `## What failed\n\n${lines.join('\n')}`
}

/** All that was measured, as Markdown: the goals first, the spread of every figure last. */
export function reportOf(results: Results, titles: ReadonlyMap<string, string>): string {
  const rows = results.rows()
  const parts = [
    `## Goals\n\n${goalsTable(rows)}`,
    ...(['cost', 'rate', 'latency', 'life'] as const).map((name) => section(results, name, titles)),
    failures(results, titles),
    `## Spread\n\n${spreadTable(rows, columnsOf(rows, titles))}`,
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}
