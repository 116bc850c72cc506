/** The kinds of files that can be made of what is open: one line a kind. */
import { maskExporter } from './nifti/maskExporter';
import { csvExporter } from './table/csvExporter';

export const EXPORTERS = [maskExporter, csvExporter] as const;

export type ExporterId = (typeof EXPORTERS)[number]['id'];
