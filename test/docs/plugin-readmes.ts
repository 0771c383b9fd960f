import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from '@kong-ts/pdk'
import { schemaFields, type SchemaField } from '../../core/src/cli/schema-fields.ts'
import { loadPlugin } from '../../core/src/plugins/load-plugin.ts'
import { bundledPlugins } from '../../core/src/plugins/resolve-plugin.ts'

/** Between these two lines stands the table that is made from the schema. */
const marks = ['<!-- config -->', '<!-- /config -->'] as const

export interface PluginReadme {
  /** The folder under `plugins/`, which bears the plugin's name. */
  readonly name: string
  readonly plugin: Plugin
  readonly path: string
  readonly text: string
}

export async function pluginReadmes(): Promise<readonly PluginReadme[]> {
  return Promise.all(
    bundledPlugins().map(async ({ from, url }) => {
      const plugin = await loadPlugin(from, url)
      const { name } = plugin
      const path = fileURLToPath(new URL(`../../plugins/${name}/README.md`, import.meta.url))
      return { name, plugin, path, text: readFileSync(path, 'utf8') }
    }),
  )
}

/** The README with its table made anew. @throws when it has no place for one */
export function withTable({ name, plugin, text }: PluginReadme): string {
  const [before, rest] = text.split(`${marks[0]}\n`)
  const after = rest?.split(`${marks[1]}\n`)[1]
  if (before === undefined || after === undefined) {
    throw new Error(`plugins/${name}/README.md has no lines ${marks.join(' and ')}`)
  }
  return `${before}${marks[0]}\n\n${tableOf(plugin)}\n\n${marks[1]}\n${after}`
}

function tableOf(plugin: Plugin): string {
  const heads = ['key', 'type', 'default', 'meaning']
  const rows = schemaFields(plugin.schema).map(cellsOf)
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [heads, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')
}

function cellsOf({ name, type, fallback, meaning }: SchemaField): readonly string[] {
  const shown = fallback === '-' || fallback === 'required' ? fallback : `\`${fallback}\``
  return [`\`${name}\``, type.replaceAll(' | ', ', '), shown, meaning].map(escapeCell)
}

/** A bar would begin another cell; the rest of Markdown's signs may not begin anything either. */
function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('<', String.raw`\<`)
}

if (import.meta.main) {
  for (const readme of await pluginReadmes()) {
    const text = withTable(readme)
    if (text !== readme.text) writeFileSync(readme.path, text)
    process.stdout.write(
      `plugins/${readme.name}/README.md: ${text === readme.text ? 'as it was' : 'written anew'}\n`,
    )
  }
}
