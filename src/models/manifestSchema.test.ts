import { expect, it } from 'vitest';
import { z } from 'zod';
import { manifestSchema } from './manifest';

// unetrpp.manifest validates against this file. After a change of the schema: npx vitest run src/models/manifestSchema.test.ts -u
it('is what Python validates manifests against', async () => {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input' });
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    '../../scripts/export-onnx/unetrpp/inference/model.schema.json',
  );
});
