import type { Pattern, Shape } from './pattern-map.ts'

const exact: Shape = { order: 0 }
const suffix: Shape = { order: 1 }
const prefix: Shape = { order: 2 }

export const sniShapes = { exact, suffix, prefix }

/** Names compare without case and without the dot of the root (RFC 6066 section 3, RFC 4343). */
export function foldName(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

/** `a.example.com`, `*.example.com` (any depth below, not the domain itself) or `example.*` (any ending). */
export function sniPattern(sni: string): Pattern<Shape> {
  const name = foldName(sni)
  if (name.startsWith('*.')) return { shape: suffix, key: name.slice(1) }
  if (name.endsWith('.*')) return { shape: prefix, key: name.slice(0, -1) }
  return { shape: exact, key: name }
}

/** Exact, then left wildcards, then right wildcards; the longer the fixed part, the better. */
export function sniRank(shape: Shape, length: number): number {
  return shape === exact ? 0 : shape.order * 512 + (511 - Math.min(length, 511))
}
