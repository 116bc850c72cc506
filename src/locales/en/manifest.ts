/** What is wrong with a model.json. */
export const manifest = {
  'manifest-not-json': '{where} is not valid JSON ({why}). Export the model again or correct it.',
  'manifest-field-wrong':
    'model.json: "{field}" is wrong: {why}. docs/model-format.md describes every field; export the model again or correct it.',
  'manifest-contradictory': 'model.json: {why}',

  /** Why a field is wrong. */
  'rule-three-whole-numbers': 'must be three whole numbers',
  'rule-hexadecimal': 'must be 64 lower-case hexadecimal digits',
  'rule-plain-file-name': 'must be a plain file name',
  'rule-name': 'must be lower-case letters, digits and hyphens',
  'rule-three-positive-numbers': 'must be three positive numbers',
  'rule-permutation': 'must name each of the axes 0, 1 and 2 once',
  'rule-lower-below-upper': 'lower must be below upper',
  'rule-inverse': 'must be the inverse of transposeForward',
  'rule-axcodes': "must be three letters such as 'RAS'",

  /** What contradicts what. */
  'label-misplaced': 'label {at} has id {id}; ids must be 0, 1, 2, ... in order.',
  'label-unknown': 'a region names label {id}, but the labels end at {last}.',
  'normalization-missing':
    'there are {channels} channels but {entries} entries in pipeline.normalization; each channel needs one.',
  'one-channel-only': 'the scheme "organscope-v1" takes one channel, but there are {channels}.',
  'exchange-wrong': 'pipeline.mirroring.exchange names label {id} twice, or there is no such output.',
  'weights-sum-wrong': 'weights.files have {sum} bytes together, but weights.bytes is {bytes}.',
} as const;
