// node sameMask.mjs PROCESSOR.nii.gz CARD.nii.gz REPORT.json: whether a run on a graphics card was one, and gave the processor's mask.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const [reference, mask, report] = process.argv.slice(2);
/** Labels of a NIfTI-1 file that Organscope wrote: one byte a voxel, from vox_offset on. */
const labels = (path) => {
  const bytes = gunzipSync(readFileSync(path));
  return bytes.subarray(bytes.readFloatLE(108));
};
const [a, b] = [labels(reference), labels(mask)];
const { adapter, provider } = JSON.parse(readFileSync(report, 'utf8')).provider;
let equal = 0;
for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
console.log(`${provider} on ${adapter}: ${equal} of ${a.length} voxels are labelled as by the processor.`);
if (/swiftshader|software|basic render|llvmpipe/i.test(adapter)) throw new Error('That is no graphics card.');
if (a.length !== b.length || !a.some((label) => label > 0) || equal < 0.999 * a.length)
  throw new Error('The masks differ.');
