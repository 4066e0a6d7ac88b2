import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { CopyRegular } from '@fluentui/react-icons';
import { notify } from '../stores/notice-store.ts';

const useStyles = makeStyles({
  frame: { display: 'flex', flexDirection: 'column', alignItems: 'center', rowGap: '8px', maxWidth: '100%' },
  text: {
    display: 'block',
    maxWidth: '100%',
    padding: '8px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    textAlign: 'left',
    overflowWrap: 'anywhere',
  },
});

/** A line to be copied. `noun`: what it is, "command". */
export function CopyText({ text, noun }: { text: string; noun: string }) {
  const styles = useStyles();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      notify('success', `The ${noun} is copied.`);
    } catch {
      notify('info', `This browser does not let the console copy. Select the ${noun} and copy it.`);
    }
  };
  return (
    <div className={styles.frame}>
      <code className={styles.text}>{text}</code>
      <Button icon={<CopyRegular />} onClick={() => void copy()}>
        Copy
      </Button>
    </div>
  );
}
