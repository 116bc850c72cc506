/**
 * zod as the page's Content-Security-Policy allows it. Left alone, zod tries whether it may compile code from text, and the
 * browser notes the attempt as a breach of the policy; Firefox as an error in the console. Import `z` from here.
 */
import { z } from 'zod';

z.config({ jitless: true });

export { z };
