import { Button, makeStyles, mergeClasses, shorthands, Text, tokens } from '@fluentui/react-components';
import { DocumentAddRegular } from '@fluentui/react-icons';
import { type DragEvent, useRef, useState } from 'react';

const useStyles = makeStyles({
  drop: {
    display: 'flex',
    alignItems: 'center',
    flexWrap: 'wrap',
    gap: '8px 12px',
    padding: '12px',
    border: `1px dashed ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  over: { backgroundColor: tokens.colorBrandBackground2, ...shorthands.borderColor(tokens.colorCompoundBrandStroke) },
  input: { display: 'none' },
  name: { overflowWrap: 'anywhere', minWidth: 0 },
});

interface FileDropProps {
  /** What the file is: "Manifest". */
  readonly label: string;
  readonly accept?: string;
  /** Of the chosen file; null = none. */
  readonly name: string | null;
  readonly onFile: (file: File) => unknown;
}

/** One file of this computer: dragged here, or chosen. */
export function FileDrop({ label, accept, name, onFile }: FileDropProps) {
  const styles = useStyles();
  const input = useRef<HTMLInputElement>(null);
  const { isOver, handlers } = useFileDrop((files) => files[0] !== undefined && onFile(files[0]));
  return (
    <fieldset {...handlers} aria-label={label} className={mergeClasses(styles.drop, isOver && styles.over)}>
      <Button icon={<DocumentAddRegular />} onClick={() => input.current?.click()}>
        Choose a file
      </Button>
      <Text className={styles.name}>{name ?? 'or drag one here'}</Text>
      <input
        ref={input}
        type="file"
        className={styles.input}
        aria-label={`File: ${label}`}
        {...(accept === undefined ? {} : { accept })}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) void onFile(file);
          // The same file again, after it was corrected.
          event.target.value = '';
        }}
      />
    </fieldset>
  );
}

/** Files dragged over an element; what else is dragged (text, links) is left alone. */
export function useFileDrop(onFiles: (files: readonly File[]) => unknown) {
  const [depth, setDepth] = useState(0);
  const isOfFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  const handlers = {
    onDragEnter: (event: DragEvent) => {
      if (isOfFiles(event)) setDepth((now) => now + 1);
    },
    onDragLeave: (event: DragEvent) => {
      if (isOfFiles(event)) setDepth((now) => Math.max(0, now - 1));
    },
    onDragOver: (event: DragEvent) => {
      if (isOfFiles(event)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      if (!isOfFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      void onFiles([...event.dataTransfer.files]);
    },
  };
  return { isOver: depth > 0, handlers };
}
