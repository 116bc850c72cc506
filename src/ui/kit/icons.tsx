/** Line icons, 16 x 16, drawn in the text colour. Decorative: the button around one carries the name. */
import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      style={{ flex: 'none' }}
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const EyeIcon = () => (
  <Icon>
    <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z" />
    <circle cx="8" cy="8" r="2" />
  </Icon>
);

export const EyeOffIcon = () => (
  <Icon>
    <path d="M2.5 5.8C1.8 6.8 1.5 8 1.5 8S4 12.5 8 12.5c1 0 1.9-.3 2.7-.7M6.3 3.7A6 6 0 0 1 8 3.5C12 3.5 14.5 8 14.5 8s-.7 1.2-1.9 2.4M2.5 2.5l11 11" />
  </Icon>
);

export const SoloIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <circle cx="8" cy="8" r="1.8" fill="currentColor" stroke="none" />
  </Icon>
);

export const DownloadIcon = () => (
  <Icon>
    <path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11" />
  </Icon>
);

export const OpenIcon = () => (
  <Icon>
    <path d="M1.5 12.5v-9h4.5l1.5 2h7v7Z" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
  </Icon>
);

export const MenuIcon = () => (
  <Icon>
    <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />
  </Icon>
);

export const ShieldIcon = () => (
  <Icon>
    <path d="M8 1.5 13 3.3v4.2c0 3.2-2 5.7-5 7-3-1.3-5-3.8-5-7V3.3Z" />
    <path d="m5.7 7.9 1.7 1.7 3-3.2" />
  </Icon>
);
