import { Scalar, type ScalarTag, type Tags } from 'yaml'

const words = /^(?:[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$/

/** Kong's reader knows the truth values of YAML 1.1, too: `enabled: yes`. */
const truth: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: words,
  identify: () => false,
  resolve: (text) => new Scalar(/^(?:y|on)/i.test(text)),
}

export function yamlWords(tags: Tags): Tags {
  return [truth, ...tags]
}
