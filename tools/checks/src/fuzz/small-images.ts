const base64 = {
  jpeg:
    '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBD' +
    'ARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAMABQD' +
    'ASIAAhEBAxEB/8QAGAAAAwEBAAAAAAAAAAAAAAAAAAECAwT/xAAnEAACAgECBQMFAAAAAAAAAAABAgMRABIxBCEiQVEFMtFhcaGx' +
    '8P/EABcBAAMBAAAAAAAAAAAAAAAAAAABAgP/xAAfEQACAgAHAQAAAAAAAAAAAAABAgAREhMhIjFBcaH/2gAMAwEAAhEDEQA/AEIQ' +
    'z6DCiQobBPLqH07H42yWkALmdI7WIxjw1He+3mq+MmCCKR9DRqVKKxFbkxlj+TmnERxrxbwrFGFjB0nQCfa3n+54Mu7DfEZUXr7E' +
    'JzCKMiSauq9YSr7b8/vhnB6qUh454xEjBQBbXf7wySi3Ms1Oifk//9k=',
  progressive:
    '/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBD' +
    'ARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAMABQD' +
    'ASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAECBP/EABYBAQEBAAAAAAAAAAAAAAAAAAABAv/aAAwDAQACEAMQAAABkmg5' +
    '0z//xAAaEAADAQADAAAAAAAAAAAAAAAAARECAxIh/9oACAEBAAEFAoUsEkzSXbl83//EABcRAQADAAAAAAAAAAAAAAAAAAABERL/' +
    '2gAIAQMBAT8BpqH/xAAXEQADAQAAAAAAAAAAAAAAAAAAAREh/9oACAECAQE/AWthEf/EABkQAAMBAQEAAAAAAAAAAAAAAAARMSEB' +
    '8P/aAAgBAQAGPwKYaoisnkJcwSP/xAAcEAACAgMBAQAAAAAAAAAAAAABEQAhMWGxUYH/2gAIAQEAAT8huUoHsOS0+k1mvKhxEEge' +
    'oAYowrRiHQV7P//aAAwDAQACAAMAAAAQ9M//xAAaEQEAAQUAAAAAAAAAAAAAAAABABEhUXGh/9oACAEDAQE/EEVvuY15P//EABgR' +
    'AAIDAAAAAAAAAAAAAAAAAAABETFB/9oACAECAQE/ENChzH//xAAhEAEBAAEDAwUAAAAAAAAAAAABEQAhMUFRYdFxgaGx8P/aAAgB' +
    'AQABPxAFa2i6aO3D42wBdyjpDveOsnjBiPKJm8b6+uXsJhN1S+XAMgalfc/a4yRgFq/ef//Z',
  png:
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAIAAAACDbGyAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAW0lEQVQImQFQAK//AHA8WGuz' +
    'g2KSXUGSp1uBkwBtnlyfa0l0dT+NtD1+dlEAgsB6fYJ2WFuHvFKKhGBIAExab3hcVatilk5cW35GogB9lIGNt3yuaod3d3Ncqpla' +
    'oiLxchliFQAAAABJRU5ErkJggg==',
};

// No Buffer: what its slice() gives shares its bytes, and an edit of a copy would change what it was made of.
const decoded = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

/** Images of some pixels, as sharp wrote them: a JPEG and a progressive JPEG of 20 x 12, and a PNG of 5 x 5. */
export const smallJpeg = decoded(base64.jpeg);
export const progressiveJpeg = decoded(base64.progressive);
export const smallPng = decoded(base64.png);

export const smallImages: readonly Uint8Array[] = [smallJpeg, progressiveJpeg, smallPng];
