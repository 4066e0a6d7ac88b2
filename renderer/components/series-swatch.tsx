export function Hatching({ id, colour }: { id: string; colour: string }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="6" height="6" fill={colour} fillOpacity="0.28" />
      <rect width="2.4" height="6" fill={colour} fillOpacity="0.85" />
    </pattern>
  );
}
