/** A reference to a secret that is kept elsewhere: `{vault://env/my-secret}`. */
export interface VaultReference {
  /** The kind of vault, or the prefix of one that is configured. */
  readonly vault: string
  readonly secret: string
  /** The member of a secret that is a JSON object. */
  readonly member: string | undefined
}

const form = /^\{vault:\/\/([a-z][a-z\d-]*)\/([^/?{}]+)(?:\/([^/?{}]+))?(?:\?[^{}]*)?\}$/

/** Undefined for a text that is none. What stands behind `?` is about caching, and nothing is cached. */
export function readVaultReference(text: string): VaultReference | undefined {
  const [, vault, secret, member] = form.exec(text) ?? []
  if (vault === undefined || secret === undefined) return undefined
  return { vault, secret: decoded(secret), member: member === undefined ? member : decoded(member) }
}

export function isVaultReference(value: unknown): boolean {
  return typeof value === 'string' && readVaultReference(value) !== undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that encodes nothing stands for itself.
    return text
  }
}
