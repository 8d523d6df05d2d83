import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Properties;

/**
 * What java.util.Properties reads of each file that is named: the number of its entries, then keys and values. Numbers
 * have four bytes; a text is the number of its bytes and these, in UTF-8.
 */
final class PropertiesReader {
    public static void main(String[] files) throws IOException {
        DataOutputStream out = new DataOutputStream(System.out);
        for (String file : files) {
            Properties entries = load(Paths.get(file));
            out.writeInt(entries.size());
            for (String key : entries.stringPropertyNames()) {
                write(out, key);
                write(out, entries.getProperty(key));
            }
        }
        out.flush();
    }

    /** As bytes, which are ISO 8859-1, and as text: Jenkins' plugins do either. */
    private static Properties load(Path path) throws IOException {
        Properties ofBytes = new Properties();
        try (InputStream in = Files.newInputStream(path)) {
            ofBytes.load(in);
        }
        Properties ofText = new Properties();
        try (Reader in = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            ofText.load(in);
        }
        if (!ofBytes.equals(ofText)) {
            throw new IOException(path + " reads differently as text");
        }
        return ofBytes;
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
