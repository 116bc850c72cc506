// @ts-check
/**
 * The command line of `npm run segment`: text in, checked options out. What is wrong with a command is said here, in English,
 * as the names of its options are: it is said before there is a page. Everything about scans, models and runs is said by the
 * page, from src/locales/.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const usage =
  'npm run segment -- scan.nii.gz [more channels] --model brain-mri --out mask.nii.gz [--provider auto|wgsl|hybrid|webgpu|wasm] [--precision fp32|fp16] [--mirror | --no-mirror] [--json report.json] [--strict] [--plan]';

/** The command was written wrongly (exit code 2), as opposed to a run that failed (1). */
export class UsageError extends Error {}

/** @typedef {'auto' | 'wgsl' | 'hybrid' | 'webgpu' | 'wasm'} Provider */

/** @type {readonly Provider[]} */
const providers = ['auto', 'wgsl', 'hybrid', 'webgpu', 'wasm'];

/** @typedef {'fp32' | 'fp16'} Precision */

/** @type {readonly Precision[]} */
const precisions = ['fp32', 'fp16'];

/**
 * @typedef {object} SegmentOptions
 * @property {string[]} inputs absolute paths of the scans, one per channel of the model
 * @property {string} model absolute path of the folder with model.json
 * @property {string} out absolute path of the mask to write
 * @property {Provider} provider
 * @property {boolean | undefined} mirror average over mirrored windows; undefined: as the model says
 * @property {Precision} precision
 * @property {string | null} json absolute path of the report to write
 * @property {boolean} strict whether warnings end in exit code 3
 * @property {boolean} plan whether to print which part of the model ran where
 */

/** @param {string} text @returns {Precision} @throws UsageError */
function parsePrecision(text) {
  const precision = precisions.find((name) => name === text);
  if (!precision) throw new UsageError(`--precision must be fp32 or fp16, got "${text}".`);
  return precision;
}

/**
 * @param {string[]} argv arguments after the script's name
 * @param {string} modelsFolder where `--model NAME` looks for NAME/model.json
 * @returns {SegmentOptions}
 * @throws UsageError for a command that cannot mean anything; Error for files that are not there
 */
export function parseSegmentArguments(argv, modelsFolder) {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      allowNegative: true,
      options: {
        model: { type: 'string' },
        out: { type: 'string' },
        provider: { type: 'string', default: 'auto' },
        precision: { type: 'string', default: 'fp32' },
        json: { type: 'string' },
        mirror: { type: 'boolean' },
        strict: { type: 'boolean', default: false },
        plan: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split('\n')[0]);
  }
  const { positionals, values } = parsed;
  if (positionals.length === 0) throw new UsageError('Name at least one scan, got 0.');
  if (!values.model) throw new UsageError('--model is missing.');
  if (!values.out) throw new UsageError('--out is missing.');
  const provider = providers.find((name) => name === values.provider);
  if (!provider) throw new UsageError(`--provider must be one of ${providers.join(', ')}, got "${values.provider}".`);
  const precision = parsePrecision(values.precision);
  const inputs = positionals.map((path) => resolve(path));
  const out = resolve(values.out);
  const json = values.json === undefined ? null : resolve(values.json);
  if (!/\.nii(\.gz)?$/i.test(out)) throw new UsageError(`--out must end in .nii or .nii.gz, got "${values.out}".`);
  if (inputs.includes(out)) throw new UsageError('--out is the scan itself; choose another name.');
  for (const [i, input] of inputs.entries()) {
    if (!existsSync(input) || !statSync(input).isFile()) throw new Error(`There is no file ${positionals[i]}.`);
  }
  for (const target of json ? [out, json] : [out]) {
    if (!existsSync(dirname(target))) throw new Error(`The folder ${dirname(target)} does not exist; create it first.`);
  }
  const { mirror, strict, plan } = values;
  return { inputs, out, json, provider, precision, mirror, strict, plan, model: findModel(values.model, modelsFolder) };
}

/**
 * @param {string} model a name below `modelsFolder` or a folder
 * @param {string} modelsFolder
 * @returns {string} absolute path
 * @throws Error that lists what there is
 */
export function findModel(model, modelsFolder) {
  const candidates = basename(model) === model ? [join(modelsFolder, model), resolve(model)] : [resolve(model)];
  const found = candidates.find((folder) => existsSync(join(folder, 'model.json')));
  if (found) return found;
  const names = existsSync(modelsFolder)
    ? readdirSync(modelsFolder).filter((name) => existsSync(join(modelsFolder, name, 'model.json')))
    : [];
  const known = names.length > 0 ? `Installed models: ${names.join(', ')}.` : 'No models are installed.';
  throw new Error(`There is no model "${model}" (no ${join(candidates[0], 'model.json')}). ${known}`);
}
