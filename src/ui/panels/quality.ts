/** What a model's makers measured, in words. */
import { t } from '../../locales/say';
import type { Manifest } from '../../models/manifest';
import { meanDice } from '../../models/quality';

/** "Mean Dice: 0.64, scan.nii.gz; 0.60, worst of them", per scan that it was measured on. */
export function qualityText({ evaluation, labels }: Manifest): string {
  const measured = evaluation.flatMap(({ scan, dice }) => {
    const mean = meanDice(dice, labels);
    return mean === null ? [] : [`${mean.toFixed(2)}, ${scan}`];
  });
  return measured.length === 0 ? t('not-measured') : t('mean-dice', { values: measured.join('; ') });
}

/** "16 structures": all labels but the background. */
export const structureCount = ({ labels }: Manifest): string => t('structures', { count: labels.length - 1 });
